import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Refusal } from './loopback-api.js'

/** Remembers the highest generation each scope has seen and refuses lower ones, so that an overtaken worker has no effect. */
export function createGenerations(seen: { [scope: string]: number }, persist: () => void) {
  const refused: { [scope: string]: number } = {}
  return {
    /** What was seen of a scope, and how many orders of older generations were refused since the start. */
    shown: (scope: string) => ({ scope, generation: seen[scope] ?? 0, refused: refused[scope] ?? 0 }),
    /** Throws a 409 that says what was seen; what is accepted is on disk before it is acted on. */
    admit(scope: string, generation: number): void {
      const highest = seen[scope] ?? 0
      if (generation < highest) {
        refused[scope] = (refused[scope] ?? 0) + 1
        throw new Refusal(409, {
          error: 'generation',
          message: `generation ${generation} is older than ${highest}, which ${scope} has seen`,
          seen: highest,
        })
      }
      if (generation === highest) return
      seen[scope] = generation
      persist()
    },
  }
}
const scopeSchema = z.object({ scope: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,200}$/) })
const announcementSchema = z.object({ generation: z.number().int().nonnegative() })

/** A newer worker says that it is here before it changes anything: `PUT /generations/:scope`. */
export function listenForGenerations(api: FastifyInstance, generations: Generations): void {
  api.get('/generations/:scope', async (request) => generations.shown(scopeSchema.parse(request.params).scope))
  api.put('/generations/:scope', async (request) => {
    const { scope } = scopeSchema.parse(request.params)
    generations.admit(scope, announcementSchema.parse(request.body).generation)
    return generations.shown(scope)
  })
}

export type Generations = ReturnType<typeof createGenerations>
