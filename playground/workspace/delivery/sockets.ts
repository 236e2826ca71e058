import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../clock.js'
import type { SocketOrder } from '../protocol.js'
import { ACK_WITHIN_MS, type Carrier, type Parcel, type Receipt, type Retry } from './parcel.js'

/** Socket Mode: tickets, connections, and payloads that each go to exactly one of them. */
export type Sockets = Carrier & {
  /** The path of a one-time url. */
  ticketPath(): string
  /** Takes over an HTTP upgrade whose path is a ticket's. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Obeys a test; the answer is how many connections are open then. */
  order(order: SocketOrder['order']): number
  open(): number
}

type Connection = { socket: WebSocket; leaving: boolean; cancels: (() => void)[] }
type Waiting = { resolve: (receipt: Receipt) => void; answerable: boolean }

export const LINK_PATH = '/link/'
const MOST_CONNECTIONS = 10
const LIFE_S = 3600
const DEBUG_LIFE_S = 360
const NOTICE_S = 10
const CLOSE_AFTER_MS = 1000
const PING_EVERY_MS = 5000

export function createSockets(parts: { clock: Clock; appId: string; secret: () => string }): Sockets {
  const { clock, appId } = parts
  const server = new WebSocketServer({ noServer: true })
  const tickets = new Set<string>()
  const waiting = new Map<string, Waiting>()
  let connections: Connection[] = []
  const pings = setInterval(() => {
    for (const { socket } of connections) socket.ping(`Ping from ${appId}`)
  }, PING_EVERY_MS).unref()

  const leave = (connection: Connection, reason: string) => {
    connection.leaving = true
    connection.socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'playground' } }))
    if (reason === 'warning') return
    connection.cancels.push(clock.after(CLOSE_AFTER_MS, () => connection.socket.close(1000)))
  }
  const leaveAll = (reason: string) => {
    for (const connection of connections) leave(connection, reason)
  }

  const join = (socket: WebSocket, lifeS: number) => {
    const connection: Connection = { socket, leaving: false, cancels: [] }
    socket.on('error', () => socket.terminate())
    if (connections.length >= MOST_CONNECTIONS) return leave(connection, 'too_many_websockets')
    connections.push(connection)
    socket.on('message', (data) => hear(data))
    socket.on('close', () => {
      connections = connections.filter((one) => one !== connection)
      for (const cancel of connection.cancels) cancel()
    })
    connection.cancels.push(
      clock.after((lifeS - NOTICE_S) * 1000, () => leave(connection, 'warning')),
      clock.after(lifeS * 1000, () => leave(connection, 'refresh_requested')),
    )
    socket.send(JSON.stringify(hello(connections.length, appId, lifeS)))
  }

  const hear = (data: RawData) => {
    const ack = parseAck(data)
    const wait = ack && waiting.get(ack.envelope_id)
    if (!ack || !wait) return
    waiting.delete(ack.envelope_id)
    wait.resolve(receiptOf(ack.payload, wait.answerable))
  }

  // Slack hands each payload to one connection; the first in the list is the one that waited longest.
  const nextConnection = (): Connection | undefined => {
    const open = connections.filter(({ socket }) => socket.readyState === WebSocket.OPEN)
    const chosen = open.find(({ leaving }) => !leaving) ?? open[0]
    if (chosen) connections = [...connections.filter((one) => one !== chosen), chosen]
    return chosen
  }

  const carry = (parcel: Parcel, retry?: Retry): Promise<Receipt> => {
    const connection = nextConnection()
    if (!connection) return Promise.resolve({ outcome: 'no connection', reason: 'connection_failed' })
    return new Promise((resolve) => {
      const envelope = envelopeOf(parcel, retry)
      const cancel = clock.after(ACK_WITHIN_MS, () => {
        waiting.delete(envelope.envelope_id)
        resolve({ outcome: 'timeout', reason: 'timeout' })
      })
      const settle = (receipt: Receipt) => {
        cancel()
        resolve(receipt)
      }
      waiting.set(envelope.envelope_id, { resolve: settle, answerable: parcel.answerable })
      connection.socket.send(JSON.stringify(envelope))
    })
  }

  const obey = (order: SocketOrder['order']) => {
    if (order === 'drop') for (const { socket } of connections) socket.terminate()
    else if (order === 'app_rate_limited') for (const { socket } of connections) socket.send(rateLimited(appId, clock))
    else if (order !== 'status') leaveAll(order)
  }

  return {
    via: 'socket',
    carry,
    connected: () => connections.length > 0,
    open: () => connections.length,
    ticketPath() {
      const ticket = parts.secret()
      tickets.add(ticket)
      return `${LINK_PATH}?ticket=${ticket}&app_id=${appId}`
    },
    accept(request, socket, head) {
      const { searchParams } = new URL(request.url ?? '/', 'http://workspace')
      if (!tickets.delete(searchParams.get('ticket') ?? '')) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
      const lifeS = searchParams.get('debug_reconnects') === 'true' ? DEBUG_LIFE_S : LIFE_S
      server.handleUpgrade(request, socket, head, (opened) => join(opened, lifeS))
    },
    order(order) {
      obey(order)
      if (order === 'drop') connections = []
      return connections.length
    },
    stop() {
      clearInterval(pings)
      for (const { socket } of connections) socket.terminate()
      server.close()
    },
  }
}

function hello(num_connections: number, app_id: string, lifeS: number) {
  return {
    type: 'hello',
    num_connections,
    debug_info: { host: 'playground', build_number: 1, approximate_connection_time: lifeS },
    connection_info: { app_id },
  }
}

function envelopeOf(parcel: Parcel, retry: Retry | undefined) {
  return {
    envelope_id: randomUUID(),
    payload: parcel.payload,
    type: parcel.kind,
    accepts_response_payload: parcel.answerable,
    ...(parcel.kind === 'events_api' && { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? '' }),
  }
}

function rateLimited(appId: string, clock: Clock): string {
  const minute = Math.floor(clock.now() / 60_000) * 60
  return JSON.stringify({
    envelope_id: randomUUID(),
    type: 'events_api',
    accepts_response_payload: false,
    payload: { type: 'app_rate_limited', api_app_id: appId, minute_rate_limited: minute },
  })
}

function parseAck(data: RawData): { envelope_id: string; payload?: unknown } | undefined {
  try {
    const ack: unknown = JSON.parse(String(data))
    return ack && typeof ack === 'object' && 'envelope_id' in ack ? (ack as { envelope_id: string }) : undefined
  } catch {
    return undefined
  }
}

function receiptOf(payload: unknown, answerable: boolean): Receipt {
  const empty = payload === undefined || payload === null || payload === '' || isEmptyObject(payload)
  if (empty) return { outcome: 'acked' }
  if (answerable) return { outcome: 'acked', body: payload }
  return { outcome: 'acked', warning: 'the acknowledgement carries a payload, but this envelope accepts none' }
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
