import type { z } from 'zod'
import type { Clock } from '../clock.js'
import type { JsonObject } from '../json.js'
import type { Log } from '../log.js'
import type { Evidence, Progress } from './step.js'

/** What a check may find. *skip* (not set up) is not *pass*; *error* (could not tell) is not *fail*. */
export type CheckOutcome = 'pass' | 'warn' | 'fail' | 'skip' | 'error'
export type CheckResult = Evidence & {
  outcome: CheckOutcome
  output?: JsonObject
  /** Looking again cannot change it. */
  final?: boolean
}

/** What a check or action gets from the engine. */
export type StepContext = {
  run: number
  step: string
  /** (run, step, round): the same for every attempt; pass it on wherever the vendor has a place for it. */
  key: string
  /** Grows with every claim of any run: a target that remembers the highest it saw refuses older ones. */
  epoch: number
  attempt: number
  /** Aborted at the deadline, when a person stops the run, or when the worker loses its claim. */
  signal: AbortSignal
  clock: Clock
  log: Log
  /** Shown on the card; call as often as you like, drawing is paced elsewhere. */
  progress(progress: Progress): void
}

/**
 * How a late, fenced worker is kept from acting on the world: the target compares generations (`generation`), the
 * vendor honours our key (`key`), or nothing does (`none`): then a takeover waits out the old attempt's deadline, and the
 * action looks what is so before it acts. `blind` cannot look either: cut off, it is never called again unasked; the step
 * ends as errored.
 */
export type Fence = 'generation' | 'key' | 'none' | 'blind'

export type Check<Input = unknown> = {
  name: string
  input: z.ZodType<Input>
  /** Observes and changes nothing. Throwing counts as *error*. */
  run(input: Input, context: StepContext): Promise<CheckResult>
}

export type Action<Input = unknown> = {
  name: string
  input: z.ZodType<Input>
  /** Changes the world; called again with the same key it must have one effect. Throws ShipmateError when it did not work. */
  run(input: Input, context: StepContext): Promise<{ evidence: Evidence; output?: JsonObject }>
} & Fenced<Input>

type Fenced<Input> =
  | {
      fence: 'generation'
      /**
       * Tells whatever `run` would change that this generation is here, and changes nothing else: from then on older ones
       * are refused. A takeover does so before its first write. Throws a ShipmateError *lost* when a newer one was there.
       */
      announce(input: Input, context: Announcement): Promise<void>
    }
  | { fence: Exclude<Fence, 'generation'> }

export type Announcement = Pick<StepContext, 'run' | 'epoch' | 'signal'>

/** Every check and action that plans may name. */
export type Abilities = {
  check(name: string): Check | undefined
  action(name: string): Action | undefined
  names(): string[]
}

/** Gives a check its own input type inside and hides it outside, where inputs are data until the schema has parsed them. */
export const defineCheck = <Input>(check: Check<Input>): Check => check as unknown as Check
export const defineAction = <Input>(action: Action<Input>): Action => action as unknown as Action

/** A registry of abilities; two with one name are refused at start. */
export function gatherAbilities(checks: Check[], actions: Action[]): Abilities {
  const byName = <T extends { name: string }>(items: T[]) => {
    const map = new Map<string, T>()
    for (const item of items) {
      if (map.has(item.name)) throw new Error(`two abilities are named ${item.name}`)
      map.set(item.name, item)
    }
    return map
  }
  const [checkMap, actionMap] = [byName(checks), byName(actions)]
  return {
    check: (name) => checkMap.get(name),
    action: (name) => actionMap.get(name),
    names: () => [...checkMap.keys(), ...actionMap.keys()].sort(),
  }
}
