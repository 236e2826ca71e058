import type { Clock } from '../../clock.js'
import { timeLimit } from '../../clock.js'
import { type Clue, type Found, notLooked, type Scene } from '../../incidents/clues.js'
import type { Check, CheckResult, StepContext } from '../../runs/abilities.js'
import type { StepInput } from '../../runs/step.js'
import type { At } from '../watched/inputs.js'
import type { WatchedParts } from '../watched/parts.js'

/** What clues are made with: checks are asked outside of any run. */
export type ClueParts = WatchedParts & { checks: Check[]; clock: Clock }

/** First looks are wanted within five seconds; a part that is slower than this is told as such. */
const lookWithinMs = 3_500

/** A clue about one place; a scene that nobody has placed yet is not looked at. */
export function clueAt(name: string, look: (at: At, scene: Scene, signal: AbortSignal) => Promise<Found>): Clue {
  return {
    name,
    look: async (scene, signal) => {
      const { service, environment } = scene
      if (service === null || environment === null)
        return notLooked('nobody has said yet which service it is, and where')
      return look({ service, environment }, scene, timeLimit(lookWithinMs, signal))
    },
  }
}

/** Asks a check as a step would; throwing is *error*, as it is there. */
export async function asked(
  parts: ClueParts,
  name: string,
  input: StepInput,
  signal: AbortSignal,
): Promise<CheckResult> {
  const check = parts.checks.find((one) => one.name === name)
  if (!check) return { outcome: 'skip', summary: `there is no check ${name}` }
  try {
    return await check.run(check.input.parse(input), contextOf(parts, name, signal))
  } catch (thrown) {
    return { outcome: 'error', summary: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

const contextOf = ({ clock, log }: ClueParts, name: string, signal: AbortSignal): StepContext => ({
  run: 0,
  step: name,
  key: `0/${name}/0`,
  epoch: 0,
  attempt: 1,
  signal,
  clock,
  log,
  progress: () => {},
})

/** Several looks as one: skipped when all were, with the first reason; what could not be told is an error for all to see. */
export function together(results: CheckResult[], found: Omit<Found, 'skipped'>): Found {
  if (results.length > 0 && results.every(({ outcome }) => outcome === 'skip'))
    return notLooked(results[0]?.summary ?? 'not set up')
  const unknown = results.filter(({ outcome }) => outcome === 'error')
  if (unknown.length > 0 && unknown.length === results.filter(({ outcome }) => outcome !== 'skip').length)
    throw new Error(unknown[0]?.summary)
  return { ...found, skipped: null }
}
