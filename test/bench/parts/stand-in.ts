import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'

export type StandIn = {
  apiUrl: string
  connected(atLeast: number): Promise<void>
  /** Sends each payload until it is acknowledged, `window` of them at a time; resolves when all are. */
  deliver(envelopes: Envelope[], window: number, onAcknowledged?: (count: number) => void): Promise<{ seconds: number }>
  /** Ends a connection in one of the ways that happen. */
  breakOne(way: number): void
  stop(): void
}

export type Envelope = { type: string; payload: { [field: string]: unknown } }

/** As much of Slack's Socket Mode as a load needs: tickets, envelopes round robin, redelivery of what was lost. */
export async function startStandIn(): Promise<StandIn> {
  const http = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port()}/link` }))
  })
  const server = new WebSocketServer({ server: http })
  const open: WebSocket[] = []
  const unacknowledged = new Map<string, { at: WebSocket; envelope: Envelope; done(): void }>()
  let turn = 0
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const port = () => {
    const address = http.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  server.on('connection', (socket) => {
    open.push(socket)
    socket.send(JSON.stringify({ type: 'hello', num_connections: open.length, connection_info: { app_id: 'A0' } }))
    socket.on('error', () => {})
    socket.on('message', (data) => acknowledged(JSON.parse(String(data)).envelope_id))
    socket.on('close', () => {
      leave(socket)
      for (const [id, sent] of unacknowledged) if (sent.at === socket) again(id, sent.envelope, sent.done)
    })
  })

  function leave(socket: WebSocket): void {
    if (open.includes(socket)) open.splice(open.indexOf(socket), 1)
  }

  function acknowledged(id: string): void {
    const sent = unacknowledged.get(id)
    unacknowledged.delete(id)
    sent?.done()
  }

  function again(id: string, envelope: Envelope, done: () => void): void {
    unacknowledged.delete(id)
    void send(envelope, done)
  }

  async function send(envelope: Envelope, done: () => void): Promise<void> {
    while (open.length === 0) await pause(5)
    const at = open[turn++ % open.length] as WebSocket
    const id = randomUUID()
    unacknowledged.set(id, { at, envelope, done })
    at.send(JSON.stringify({ envelope_id: id, accepts_response_payload: true, ...envelope }))
  }

  return {
    apiUrl: `http://127.0.0.1:${port()}/api/`,
    connected: async (atLeast) => {
      while (open.length < atLeast) await pause(10)
    },
    deliver: (envelopes, window, onAcknowledged = () => {}) =>
      new Promise((resolve) => {
        const began = performance.now()
        let [next, done] = [0, 0]
        const one = () => {
          const envelope = envelopes[next++]
          if (!envelope) return
          void send(envelope, () => {
            done += 1
            onAcknowledged(done)
            if (done === envelopes.length) resolve({ seconds: (performance.now() - began) / 1000 })
            else one()
          })
        }
        for (let slot = 0; slot < window; slot++) one()
      }),
    breakOne: (way) => {
      const socket = open[way % Math.max(1, open.length)]
      if (!socket) return
      leave(socket)
      if (way % 3 === 0) return socket.terminate()
      if (way % 3 === 1) return socket.close()
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
      setTimeout(() => socket.terminate(), 200).unref()
    },
    stop: () => {
      for (const socket of server.clients) socket.terminate()
      http.close()
      server.close()
    },
  }
}
