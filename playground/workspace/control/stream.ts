import type { FastifyInstance } from 'fastify'
import { personOf } from '../interaction/who.js'
import type { World } from '../world.js'

const STAY_AWAKE_MS = 15_000

/** Serves the changes that one person's page should know of, as server-sent events. */
export function serveStream(server: FastifyInstance, world: World): void {
  server.get<{ Params: { user: string } }>('/as/:user/events', (request, reply) => {
    const person = personOf(world, request.params.user)
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' })
    raw.write(': listening\n\n')
    const stop = world.changes.listen(person.id, (change) => void raw.write(`data: ${JSON.stringify(change)}\n\n`))
    const awake = setInterval(() => raw.write(': still here\n\n'), STAY_AWAKE_MS).unref()
    raw.on('close', () => {
      stop()
      clearInterval(awake)
    })
  })
}
