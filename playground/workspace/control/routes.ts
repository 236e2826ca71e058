import type { FastifyInstance } from 'fastify'
import type { Sockets } from '../delivery/sockets.js'
import type { World } from '../world.js'
import { serveOrders } from './orders.js'
import { serveReads } from './reads.js'
import { serveStream } from './stream.js'
import { serveWrites } from './writes.js'

/** Serves the control API that `protocol.ts` states, below `/_control`. */
export async function serveControl(
  server: FastifyInstance,
  world: World,
  parts: { sockets: Sockets; reset: (keep: { people: boolean }) => void },
): Promise<void> {
  await server.register(
    async (scope) => {
      serveReads(scope, world)
      serveWrites(scope, world)
      serveStream(scope, world)
      serveOrders(scope, world, parts)
    },
    { prefix: '/_control' },
  )
}
