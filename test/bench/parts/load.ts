import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export type Load = { seconds: number; latenciesMs: number[]; refused: number }

/** Each of `connections` sends its next request as soon as the last one was answered. */
export async function closedLoop(port: number, requests: Buffer[], connections: number): Promise<Load> {
  const clients = await Promise.all(Array.from({ length: connections }, () => openClient(port)))
  const load: Load = { seconds: 0, latenciesMs: [], refused: 0 }
  let next = 0
  const began = performance.now()
  await Promise.all(
    clients.map(async (client) => {
      for (let request = requests[next++]; request; request = requests[next++]) await timed(client, request, load)
    }),
  )
  load.seconds = (performance.now() - began) / 1000
  for (const client of clients) client.close()
  return load
}

/** `rate` requests a second whatever the answers do; a request that waits for a connection waits on its own clock. */
export async function openLoop(
  port: number,
  makeRequests: () => Buffer[],
  rate: number,
  seconds: number,
): Promise<Load> {
  const idle: Client[] = await Promise.all(Array.from({ length: 50 }, () => openClient(port)))
  const all = [...idle]
  const load: Load = { seconds, latenciesMs: [], refused: 0 }
  const underWay: Promise<void>[] = []
  const began = performance.now()
  for (let second = 0; second < seconds; second++) {
    const requests = makeRequests()
    for (const [index, request] of requests.entries()) {
      const due = began + second * 1000 + (index * 1000) / rate
      const wait = due - performance.now()
      if (wait > 1) await pause(wait)
      const client = await idleOrNew(idle, port)
      if (!all.includes(client)) all.push(client)
      underWay.push(timed(client, request, load, due).then(() => void idle.push(client)))
    }
  }
  await Promise.all(underWay)
  for (const client of all) client.close()
  return load
}

/** A server ends connections that were idle for long. */
async function idleOrNew(idle: Client[], port: number): Promise<Client> {
  for (let client = idle.pop(); client; client = idle.pop()) if (client.open()) return client
  return openClient(port)
}

async function timed(client: Client, request: Buffer, load: Load, from = performance.now()): Promise<void> {
  const status = await client.send(request)
  load.latenciesMs.push(performance.now() - from)
  if (status !== 200) load.refused += 1
}

type Client = { send(request: Buffer): Promise<number>; open(): boolean; close(): void }

/** As little HTTP as it takes, so that the machine's time goes to the servers. */
async function openClient(port: number): Promise<Client> {
  const socket: Socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  let text = ''
  let answered: ((status: number) => void) | null = null
  let broke: ((error: Error) => void) | null = null
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    if (!isWhole(text)) return
    const status = Number(text.slice(9, 12))
    text = ''
    answered?.(status)
  })
  socket.on('error', (error) => broke?.(error))
  socket.on('close', () => broke?.(new Error('the server closed the connection')))
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        answered = resolve
        broke = reject
        socket.write(request)
      }),
    open: () => !socket.destroyed && socket.writable,
    close: () => {
      broke = null
      socket.destroy()
    },
  }
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length)
}
