import { asShipmateError, type ShipmateError } from '../errors.js'
import { type Carrying, put, write } from './carry.js'
import { type Plan, planChanges, sealPlan } from './plan.js'
import type { RunChange } from './ports.js'
import type { EndedState, Reason } from './run.js'

/** Makes the plan when the run's turn has come; else leaves it in its line. False when the run was let go. */
export async function planned(carrying: Carrying): Promise<boolean> {
  const { run } = carrying.view
  if (run.stopRequested)
    return endedBeforePlan(carrying, { state: 'stopped', reason: { code: 'stopped', text: run.stopRequested.reason } })
  if (run.ahead > 0) {
    await write(carrying, { state: 'queued', wakeAt: null })
    return false
  }
  if (run.state !== 'planning') await write(carrying, { state: 'planning' })
  try {
    const plan = sealPlan(await carrying.parts.plan(carrying.view.run))
    return put(carrying, newPlan(plan, [], carrying.parts.clock.now()))
  } catch (thrown) {
    const error = asShipmateError(thrown)
    if (error.transient) throw thrown
    if (error.kind === 'faulted') carrying.parts.log.error({ run: run.id, err: thrown }, 'planning broke')
    return endedBeforePlan(carrying, endOf(error))
  }
}

/** The plan as a change: its rows, the run on its way, and what differs from the plan before. */
export function newPlan(plan: Plan, changes: string[], now: Date): RunChange {
  return {
    state: 'running',
    plan: { plan, changes },
    audit: [
      {
        actor: null,
        act: changes.length > 0 ? 'planned again' : 'planned',
        subject: { digest: plan.digest, at: now.toISOString() },
      },
    ],
  }
}

/** The plan made again from what is so now, and what differs. */
export async function replanned(carrying: Carrying): Promise<{ plan: Plan; changes: string[] }> {
  const plan = sealPlan(await carrying.parts.plan(carrying.view.run))
  const before = carrying.view.run.plan
  return { plan, changes: before ? planChanges(before, plan) : [] }
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
