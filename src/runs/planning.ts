import { asShipmateError, type ShipmateError } from '../errors.js'
import { pauseBefore } from './attempt.js'
import { type Carrying, put, write } from './carrying.js'
import { type Plan, planChanges, sealPlan } from './plan.js'
import type { RunChange } from './ports.js'
import type { EndedState, Reason } from './run.js'

/** Makes the plan when the run's turn has come; else leaves it in its line. False when the run was let go. */
export async function planned(carrying: Carrying): Promise<boolean> {
  const { run } = carrying.view
  if (run.stopRequested)
    return endedBeforePlan(carrying, { state: 'stopped', reason: { code: 'stopped', text: run.stopRequested.reason } })
  if (run.ahead > 0) {
    const stands = run.state === 'queued' && run.wakeAt === null
    await write(carrying, stands ? undefined : { state: 'queued', wakeAt: null })
    return false
  }
  if (run.state !== 'planning') await write(carrying, { state: 'planning' })
  try {
    const plan = await freshPlan(carrying)
    return put(carrying, newPlan(carrying, plan, []))
  } catch (thrown) {
    const error = asShipmateError(thrown)
    if (error.kind === 'faulted') carrying.parts.log.error({ run: run.id, err: thrown }, 'planning broke')
    return endedBeforePlan(carrying, endOf(error))
  }
}

/**
 * The plan as a change: its rows, the run on its way, and what differs from the plan before. Its steps begin in a round
 * of their own, so that no answer to an earlier plan counts for this one, even when the digests are equal.
 */
export function newPlan(carrying: Carrying, plan: Plan, changes: string[]): RunChange {
  const round = carrying.view.run.planRound + 1
  const act = changes.length > 0 ? 'planned again' : 'planned'
  return {
    state: 'running',
    plan: { plan, changes },
    audit: [{ actor: null, act, subject: { digest: plan.digest, round } }],
  }
}

/** The plan made again from what is so now, and what differs. */
export async function replanned(carrying: Carrying): Promise<{ plan: Plan; changes: string[] }> {
  const plan = await freshPlan(carrying)
  const before = carrying.view.run.plan
  return { plan, changes: before ? planChanges(before, plan) : [] }
}

/** A few tries: facts come over the network, and a target that restarts is no reason to refuse. */
async function freshPlan(carrying: Carrying): Promise<Plan> {
  for (let again = 0; ; again++) {
    try {
      return sealPlan(await carrying.parts.plan(carrying.view.run))
    } catch (thrown) {
      if (!asShipmateError(thrown).transient || again >= 4 || carrying.claim.lost.aborted) throw thrown
      await carrying.parts.clock.sleep(pauseBefore(again), carrying.claim.lost)
    }
  }
}

async function endedBeforePlan(carrying: Carrying, end: { state: EndedState; reason: Reason }): Promise<false> {
  await write(carrying, { ended: { ...end, at: carrying.parts.clock.now() } })
  return false
}

export function endOf(error: ShipmateError): { state: EndedState; reason: Reason } {
  const reason: Reason = { code: error.code, text: error.message }
  if (error.next) reason.next = error.next
  if (error.wanted || error.came) reason.details = { wanted: error.wanted ?? '', came: error.came ?? '' }
  return { state: error.kind, reason }
}
