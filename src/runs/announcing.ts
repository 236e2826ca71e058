import { timeLimit } from '../clock.js'
import { asShipmateError } from '../errors.js'
import type { Action } from './abilities.js'
import { pauseBefore } from './attempt.js'
import { type Carrying, ClaimLost } from './carrying.js'
import { resolvedInput } from './inputs.js'
import type { StepRecord } from './run.js'

/**
 * Before a takeover writes anything: the targets of acts that were cut off are told that a newer worker is here, so that
 * the one before, which may only be frozen, is refused whenever it wakes. Answers the steps whose target could not be
 * told; those wait for the old attempt's deadline, as if nothing fenced them.
 */
export async function announced(carrying: Carrying): Promise<ReadonlySet<string>> {
  const silent = new Set<string>()
  const cutOff = carrying.view.steps.filter(({ state }) => state === 'running')
  await Promise.all(
    cutOff.map(async (record) => {
      if (!(await told(carrying, record))) silent.add(record.key)
    }),
  )
  return silent
}

/** How long targets that were silent are left before they are told again. */
export const announceEveryMs = 5_000

type Fenced = Action & { fence: 'generation' }

const tries = 3
const eachMs = 3_000

async function told(carrying: Carrying, record: StepRecord): Promise<boolean> {
  const { abilities, clock, log } = carrying.parts
  const action = record.step.verb === 'do' ? abilities.action(record.step.action) : undefined
  if (action?.fence !== 'generation') return true
  for (let again = 0; ; again++) {
    try {
      await announce(carrying, action, record)
      return true
    } catch (thrown) {
      const { kind, code, message, transient } = asShipmateError(thrown)
      if (kind === 'lost' || carrying.claim.lost.aborted) throw new ClaimLost(message)
      log.warn({ run: record.run, step: record.key, code, again }, 'a target could not be told that its worker changed')
      if (!transient || again + 1 >= tries) return false
      await clock.sleep(pauseBefore(again), carrying.claim.lost)
    }
  }
}

function announce(carrying: Carrying, action: Fenced, { run, step }: StepRecord): Promise<void> {
  const input = action.input.parse(resolvedInput(step.verb === 'do' ? step.with : {}, carrying.view.steps))
  const signal = timeLimit(eachMs, carrying.claim.lost)
  return action.announce(input, { run, epoch: carrying.claim.epoch, signal })
}
