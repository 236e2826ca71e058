import type { Socket } from 'node:net'
import { Agent, buildConnector, ping, WebSocket } from 'undici'

/** One connection of Socket Mode. */
export type Line = {
  /** True after Slack said hello; false when it closed before, or was not opened in time. */
  greeted: Promise<boolean>
  /** Why it is to be replaced: what Slack's farewell says, or 'closed'. */
  leaving: Promise<string>
  /** Ends it at once. */
  cut(): void
  /** Ends it when what came over it is acknowledged, or after some seconds. */
  retire(): void
}

export type LineParts = {
  url: string
  /** A text frame that is not about the connection itself; resolves with what to send back, if anything. */
  onFrame(frame: Frame, text: string): Promise<object | null>
  pulseMs?: number
}

export type Frame = { type?: unknown; reason?: unknown; envelope_id?: unknown; [field: string]: unknown }

const opensWithin = 10_000
const retiresWithin = 3_000

export function openLine({ url, onFrame, pulseMs = 5_000 }: LineParts): Line {
  let tcp: Socket | null = null
  const dispatcher = keepingSocket((socket) => {
    tcp = socket
  })
  const socket = new WebSocket(url, { dispatcher })
  const greeted = withResolver<boolean>()
  const leaving = withResolver<string>()
  let unanswered = 0
  let retiring = false
  let gathering = false

  const opening = setTimeout(cut, opensWithin)
  const pulse = setInterval(
    createPulse(socket, () => tcp?.bytesRead ?? 0, cut),
    pulseMs,
  )

  // A peer that is gone never completes the closing handshake, so the connection below it is ended too.
  function cut(): void {
    clearTimeout(opening)
    clearInterval(pulse)
    tcp?.destroy()
    socket.close()
    void dispatcher.destroy().catch(() => {})
    greeted.resolve(false)
    leaving.resolve('closed')
  }

  async function heard(text: string): Promise<void> {
    const frame = frameOf(text)
    if (!frame) return
    if (frame.type === 'hello') {
      clearTimeout(opening)
      return greeted.resolve(true)
    }
    if (frame.type === 'disconnect') return leaving.resolve(String(frame.reason))
    unanswered += 1
    const answer = await onFrame(frame, text)
    unanswered -= 1
    if (answer && socket.readyState === WebSocket.OPEN) send(answer)
    if (retiring && unanswered === 0) cut()
  }

  /** What one commit let through is acknowledged in one write. */
  function send(answer: object): void {
    if (!gathering) {
      gathering = true
      tcp?.cork()
      process.nextTick(() => {
        gathering = false
        tcp?.uncork()
      })
    }
    socket.send(JSON.stringify(answer))
  }

  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') void heard(data)
  })
  socket.addEventListener('close', cut)
  socket.addEventListener('error', cut)

  return {
    greeted: greeted.promise,
    leaving: leaving.promise,
    cut,
    retire: () => {
      retiring = true
      if (unanswered === 0) cut()
      else setTimeout(cut, retiresWithin)
    },
  }
}

/** Asks now and then whether the other side is there; two pulses without a byte, and it is not. */
function createPulse(socket: WebSocket, bytesRead: () => number, gone: () => void): () => void {
  let before = -1
  let silent = 0
  return () => {
    silent = bytesRead() === before ? silent + 1 : 0
    before = bytesRead()
    if (silent >= 2) gone()
    else if (socket.readyState === WebSocket.OPEN) ping(socket)
  }
}

/** undici hides the connection under a WebSocket; this is the only way to end one that has gone silent. */
function keepingSocket(keep: (socket: Socket) => void): Agent {
  const connect = buildConnector({ allowH2: false, timeout: opensWithin })
  return new Agent({
    connect: (options, callback) =>
      connect(options, (error, socket) => {
        if (!socket) return callback(error ?? new Error('no connection'), null)
        keep(socket)
        callback(null, socket)
      }),
  })
}

function frameOf(text: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null ? (frame as Frame) : null
  } catch {
    return null
  }
}

function withResolver<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((given) => {
    resolve = given
  })
  return { promise, resolve }
}
