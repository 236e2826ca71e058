import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Clock } from '../clock.js'
import type { SocketOrder } from '../protocol.js'
import { createAcks } from './acks.js'
import { createConnections } from './connections.js'
import type { Carrier } from './parcel.js'

/** Socket Mode: tickets, connections, and payloads that each go to exactly one of them. */
export type Sockets = Carrier & {
  /** The path of a one-time url. */
  ticketPath(): string
  /** Takes over an HTTP upgrade whose path is a ticket's. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Obeys a test; the answer is how many connections are open then. */
  order(order: SocketOrder['order']): number
}

const LIFE_S = 3600
const DEBUG_LIFE_S = 360

export function createSockets(parts: {
  clock: Clock
  appId: string
  secret: () => string
  /** Called when a connection opened or closed. */
  counted: () => void
}): Sockets {
  const { clock, appId } = parts
  const server = new WebSocketServer({ noServer: true })
  const tickets = new Set<string>()
  const acks = createAcks(clock)
  const connections = createConnections({ clock, appId, hear: acks.hear, counted: parts.counted })

  return {
    via: 'socket',
    async carry(parcel, retry) {
      const socket = connections.next()
      if (!socket) return { outcome: 'no connection', reason: 'connection_failed' }
      return acks.await(parcel, retry, (frame) => socket.send(frame))
    },
    connected: () => connections.count() > 0,
    ticketPath() {
      const ticket = parts.secret()
      tickets.add(ticket)
      return `/link/?ticket=${ticket}&app_id=${appId}`
    },
    accept(request, socket, head) {
      const { searchParams } = new URL(request.url ?? '/', 'http://workspace')
      if (!tickets.delete(searchParams.get('ticket') ?? '')) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
      const lifeS = searchParams.get('debug_reconnects') === 'true' ? DEBUG_LIFE_S : LIFE_S
      server.handleUpgrade(request, socket, head, (opened) => connections.join(opened, lifeS))
    },
    order(order) {
      if (order === 'drop') connections.drop()
      else if (order === 'app_rate_limited') connections.send(rateLimited(appId, clock))
      else if (order !== 'status') connections.leaveAll(order)
      return connections.count()
    },
    stop() {
      connections.stop()
      server.close()
    },
  }
}

// Slack sends this envelope without an inner event.
function rateLimited(api_app_id: string, clock: Clock): string {
  const minute_rate_limited = Math.floor(clock.now() / 60_000) * 60
  return JSON.stringify({
    envelope_id: randomUUID(),
    type: 'events_api',
    accepts_response_payload: false,
    payload: { type: 'app_rate_limited', api_app_id, minute_rate_limited },
  })
}
