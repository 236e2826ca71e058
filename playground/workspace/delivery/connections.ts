import { type RawData, WebSocket } from 'ws'
import type { Clock } from '../clock.js'

/** The app's open Socket Mode connections. */
export type Connections = {
  /** Greets a new connection; one above the limit is told `too_many_websockets` and closed. */
  join(socket: WebSocket, lifeS: number): void
  /** The one that gets the next payload: open ones in turn, those told to leave only when there is no other. */
  next(): WebSocket | undefined
  /** Tells all to disconnect for this reason. */
  leaveAll(reason: string): void
  /** Cuts all without a word. */
  drop(): void
  send(frame: string): void
  count(): number
  stop(): void
}

type Connection = { socket: WebSocket; leaving: boolean; cancels: (() => void)[] }

const MOST_CONNECTIONS = 10
const NOTICE_S = 10
const CLOSE_AFTER_MS = 1000
const PING_EVERY_MS = 5000

export function createConnections(parts: {
  clock: Clock
  appId: string
  hear: (data: RawData) => void
  counted: () => void
}): Connections {
  const { clock, appId } = parts
  let connections: Connection[] = []
  const pings = setInterval(() => {
    for (const { socket } of connections) socket.ping(`Ping from ${appId}`)
  }, PING_EVERY_MS).unref()
  const drop = () => {
    for (const { socket } of connections) socket.terminate()
    connections = []
  }
  const forget = (connection: Connection) => {
    connections = connections.filter((one) => one !== connection)
    for (const cancel of connection.cancels) cancel()
    parts.counted()
  }

  return {
    join(socket, lifeS) {
      const connection: Connection = { socket, leaving: false, cancels: [] }
      socket.on('error', () => socket.terminate())
      if (connections.length >= MOST_CONNECTIONS) return leave(connection, 'too_many_websockets', clock)
      connections.push(connection)
      socket.on('message', parts.hear)
      socket.on('close', () => forget(connection))
      connection.cancels.push(
        clock.after((lifeS - NOTICE_S) * 1000, () => leave(connection, 'warning', clock)),
        clock.after(lifeS * 1000, () => leave(connection, 'refresh_requested', clock)),
      )
      socket.send(hello(connections.length, appId, lifeS))
      parts.counted()
    },
    next() {
      const open = connections.filter(({ socket }) => socket.readyState === WebSocket.OPEN)
      const chosen = open.find(({ leaving }) => !leaving) ?? open[0]
      if (chosen) connections = [...connections.filter((one) => one !== chosen), chosen]
      return chosen?.socket
    },
    leaveAll(reason) {
      for (const connection of connections) leave(connection, reason, clock)
    },
    drop,
    send(frame) {
      for (const { socket } of connections) socket.send(frame)
    },
    count: () => connections.length,
    stop() {
      clearInterval(pings)
      drop()
    },
  }
}

function leave(connection: Connection, reason: string, clock: Clock): void {
  const { socket } = connection
  connection.leaving = true
  socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'playground' } }))
  if (reason !== 'warning') connection.cancels.push(clock.after(CLOSE_AFTER_MS, () => socket.close(1000)))
}

function hello(num_connections: number, app_id: string, lifeS: number): string {
  return JSON.stringify({
    type: 'hello',
    num_connections,
    debug_info: { host: 'playground', build_number: 1, approximate_connection_time: lifeS },
    connection_info: { app_id },
  })
}
