import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** A wire between a program and a server that can be cut, go silent and be slow. */
export type TcpProxy = {
  /** On 127.0.0.1. */
  port: number
  /** Connections that stand now. */
  open(): number
  /** Resets every connection at both ends; new ones pass. */
  cut(): void
  /** Nothing passes any more, neither bytes nor ends, and nobody is told: a half-open connection. New ones are taken. */
  stall(): void
  /** What was held back passes, in its order; new connections too, where they were refused. */
  resume(): void
  /** From now on each piece of bytes waits this long, in both directions; 0 for not at all. */
  delay(ms: number): void
  /** Resets every connection and refuses new ones until `resume`. */
  refuse(): void
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1 and passes every connection on to `to`. */
export async function createTcpProxy({ to }: { to: { host: string; port: number } }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const wire = createWire()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, allowHalfOpen: true })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.once('close', () => sockets.delete(socket))
    }
    void carry(near, far, wire)
    void carry(far, near, wire)
  })
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const port = await listening(server, 0)
  return {
    port,
    open: () => Math.ceil(sockets.size / 2),
    cut,
    stall: wire.stall,
    resume: () => {
      wire.resume()
      if (!server.listening) server.listen(port, '127.0.0.1')
    },
    delay: wire.delay,
    refuse: () => {
      server.close()
      cut()
    },
    close: async () => {
      wire.resume()
      cut()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}

async function listening(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

type Wire = ReturnType<typeof createWire>

function createWire() {
  let slowness = 0
  let stalled: Promise<void> | null = null
  let release = () => {}
  return {
    stall: () => {
      stalled ??= new Promise<void>((done) => {
        release = done
      })
    },
    resume: () => {
      stalled = null
      release()
    },
    delay: (ms: number) => {
      slowness = ms
    },
    /** Resolves once something may pass. */
    passes: async () => {
      if (slowness > 0) await pause(slowness)
      while (stalled) await stalled
    },
  }
}

async function carry(from: Socket, to: Socket, wire: Wire): Promise<void> {
  try {
    for await (const bytes of from.iterator({ destroyOnReturn: false })) {
      await wire.passes()
      if (!to.destroyed && !to.write(bytes)) await Promise.race([once(to, 'drain'), once(to, 'close')])
    }
    await wire.passes()
    to.end()
  } catch {
    // The other end is told of a reset only when the wire carries anything at all.
    await wire.passes()
    to.resetAndDestroy()
  }
}
