import { asShipmateError } from '../errors.js'
import { attemptUnder } from './attempt.js'
import { type Carrying, put, write } from './carrying.js'
import { endOf, newPlan, replanned } from './planning.js'
import type { LockHolder, RunChange } from './ports.js'
import { hasEnded, type StepRecord } from './run.js'
import type { StepOutcome } from './step.js'

/** Gates that were looked at so long ago are looked at again before the first `do`. */
const freshForMs = 5_000

/**
 * Before the first `do`: the locks are taken, the plan is made again from what is so now, and old gates are looked at
 * again. A plan that differs, or a gate that got worse, voids the approvals: the run asks again and shows why.
 */
export async function clear(carrying: Carrying): Promise<boolean> {
  await write(carrying)
  const lock = await carrying.parts.store.runs.lock(carrying.claim)
  if (!lock.ok) return waitForLock(carrying, lock.holder)
  carrying.view = { ...carrying.view, run: { ...carrying.view.run, holdsLocks: true } }
  // A run that has acted was planned on a state that it has changed itself since: its plan is carried out as it is.
  if (carrying.view.run.startedAt === null) {
    const change = await voiding(carrying)
    if (change) return put(carrying, change)
    if (hasEnded(carrying.view.run.state)) return false
  }
  carrying.cleared = true
  return true
}

/** The change that voids the approvals, or null when all is as it was approved. */
async function voiding(carrying: Carrying): Promise<RunChange | null> {
  try {
    const [{ plan, changes }, worse] = await Promise.all([replanned(carrying), worsened(carrying)])
    const reasons = changes.length > 0 ? changes : worse
    return reasons.length > 0 ? newPlan(carrying, plan, reasons) : null
  } catch (thrown) {
    await write(carrying, { ended: { ...endOf(asShipmateError(thrown)), at: carrying.parts.clock.now() } })
    return null
  }
}

async function waitForLock(carrying: Carrying, holder: LockHolder): Promise<false> {
  const { resource, run, by, since, expires } = holder
  const reason = {
    code: 'lock-held',
    text: run ? `waits until #${run} is done with ${resource}` : `waits for ${resource}, locked by ${by.name}`,
    details: { resource, run, since: since.toISOString(), until: expires?.toISOString() ?? null },
  }
  await write(carrying, { state: 'waiting', reason, wakeAt: null })
  return false
}

/** How bad an outcome is; going up voids, going down or staying does not. */
const badness: Record<StepOutcome, number> = {
  passed: 0,
  skipped: 1,
  warned: 2,
  errored: 3,
  'timed out': 3,
  failed: 4,
  stopped: 4,
  undone: 4,
}

async function worsened(carrying: Carrying): Promise<string[]> {
  const now = carrying.parts.clock.now().getTime()
  const old = gates(carrying.view.steps).filter(
    ({ endedAt }) => endedAt !== null && now - endedAt.getTime() > freshForMs,
  )
  const looks = await Promise.all(old.map((record) => lookedAgain(carrying, record)))
  return looks.flat()
}

async function lookedAgain(carrying: Carrying, record: StepRecord): Promise<string[]> {
  const { abilities, clock, log } = carrying.parts
  const end = await attemptUnder(carrying.claim.lost, record, {
    abilities,
    clock,
    log,
    epoch: carrying.claim.epoch,
    steps: carrying.view.steps,
    progress: () => {},
  })
  const before = badness[record.state as StepOutcome] ?? 0
  return badness[end.state] > before
    ? [`${record.step.title}: ${record.state} → ${end.state} (${end.evidence.summary})`]
    : []
}

/** The checks before the first `do`. */
function gates(steps: readonly StepRecord[]): StepRecord[] {
  const ordered = [...steps].sort((a, b) => a.position - b.position)
  const firstDo = ordered.findIndex(({ step }) => step.verb === 'do')
  return ordered.slice(0, Math.max(0, firstDo)).filter(({ step }) => step.verb === 'check')
}
