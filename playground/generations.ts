import { Refusal } from './loopback-api.js'

/** Remembers the highest generation each scope has seen and refuses lower ones, so that an overtaken worker has no effect. */
export function createGenerations(seen: { [scope: string]: number }, persist: () => void) {
  return {
    /** Throws a 409 that says what was seen; what is accepted is on disk before it is acted on. */
    admit(scope: string, generation: number): void {
      const highest = seen[scope] ?? 0
      if (generation < highest) {
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
export type Generations = ReturnType<typeof createGenerations>
