import type { Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import { breakingGlass } from '../../releases/approvals.js'
import { environmentOf } from '../../releases/catalogue.js'
import type { Denial } from '../../releases/denial.js'
import { denied, unproven } from '../../releases/permission.js'
import { hasEnded, type Intent, type RunRecord } from '../../runs/run.js'
import { jobOf } from '../jobs.js'
import { type DeskParts, refusal, standingOf, wake } from './parts.js'
import { submit } from './submitting.js'
import { ago, standsAt, titleOf } from './wording.js'

/** Asks a run to stop: its requester, or anybody who may do there what it does. */
export async function cancel(parts: DeskParts, run: RunRecord, reason: string, asker: Asker): Promise<Reply> {
  const denial = await mayNotCancel(parts, run, asker)
  if (denial) return refusal(denial)
  const asked = await parts.desk.requestStop(run.id, asker.actor, reason.trim() || 'cancelled', parts.clock.now())
  if (!asked) return refusal(notStopped(parts, (await parts.desk.view(run.id))?.run ?? run))
  await wake(parts, run.id)
  const then = run.startedAt === null ? 'Nothing was changed.' : 'What it did is undone, step by step; watch its card.'
  return { kind: 'said', text: `${titleOf(run)} is being stopped.\n${then}` }
}

async function mayNotCancel(parts: DeskParts, run: RunRecord, asker: Asker): Promise<Denial | null> {
  if (run.intent.job === breakingGlass) return notUnbroken(run)
  const [standing, now] = [await standingOf(parts, asker), parts.clock.now()]
  if (run.requestedBy.id === asker.actor.id) return unproven(standing, now, `You may not stop #${run.id}.`)
  const environment = environmentOf(parts.catalogue, run.intent.environment)
  const denial = environment ? denied(jobOf(run.intent.job).act, environment, standing, now) : notPlaced(run)
  return (
    denial && {
      ...denial,
      what: `You may not stop #${run.id}.`,
      next: `Ask ${run.requestedBy.name}, who asked for it, or one of them.`,
    }
  )
}

/** Whoever could cancel it would be rid of its review. */
const notUnbroken = ({ id }: RunRecord): Denial => ({
  code: 'glass-broken',
  what: `#${id} cannot be cancelled.`,
  why: 'Glass that was broken stays until somebody else has reviewed what was decided under it.',
  next: `Close it on its card (in the terminal: shipmate choose ${id} close); then it waits for its review.`,
})

const notPlaced = (run: RunRecord): Denial => ({
  code: 'environment-gone',
  what: `You may not stop #${run.id}.`,
  why: `${run.intent.environment} is no longer in the operator's file, so nobody holds a right there.`,
  next: `Ask ${run.requestedBy.name}, who asked for it.`,
})

function notStopped(parts: DeskParts, run: RunRecord): Denial {
  const what = 'Your click changed nothing.'
  const { stopRequested } = run
  if (hasEnded(run.state))
    return { code: 'ended-already', what, why: `${titleOf(run)} ${standsAt(run)}.`, next: 'There is nothing to stop.' }
  const who = stopRequested
    ? `${stopRequested.by.name} asked for that ${ago(stopRequested.at, parts.clock.now())}`
    : 'it was asked for'
  return { code: 'stopping-already', what, why: `#${run.id} is stopping already: ${who}.`, next: 'Watch its card.' }
}

/** The same intent once more, as a run of its own; a second click finds the run of the first. */
export async function retry(parts: DeskParts, run: RunRecord, asker: Asker): Promise<Reply> {
  if (!hasEnded(run.state) || run.state === 'done')
    return refusal({
      code: 'not-to-retry',
      what: `#${run.id} cannot be tried again.`,
      why: `${titleOf(run)} ${standsAt(run)}.`,
      next: run.state === 'done' ? 'Nothing to do.' : 'Cancel it first.',
    })
  return childOf(parts, run, 'retry', run.intent, asker)
}

/** Back to the version that the run replaced, while its own version serves. */
export async function rollBack(
  parts: DeskParts,
  run: RunRecord,
  asker: Asker,
  recovery?: Intent['recovery'],
): Promise<Reply> {
  const { service, environment } = run.intent
  const before = run.plan?.result?.replaced ?? null
  const denial = await notToRollBack(parts, run, before)
  if (denial || before === null) return refusal(denial ?? nothingReplaced(run))
  const intent: Intent = {
    job: 'rollback',
    service,
    environment,
    input: { version: before },
    ...(recovery && { recovery }),
  }
  return childOf(parts, run, 'roll-back', intent, asker)
}

async function notToRollBack(parts: DeskParts, run: RunRecord, before: string | null): Promise<Denial | null> {
  const { service, environment } = run.intent
  if (!hasEnded(run.state))
    return {
      ...nothingReplaced(run),
      why: `${titleOf(run)} ${standsAt(run)}.`,
      next: 'Cancel it: what it did is undone.',
    }
  if (before === null) return nothingReplaced(run)
  const [now] = await parts.deployments.history(service, environment, 1)
  if (run.state !== 'done' || now === undefined || now.version === run.plan?.result?.version) return null
  const by = now.run === null ? '' : ` since #${now.run}`
  return {
    ...nothingReplaced(run),
    why: `${now.version} serves ${environment}${by}, not what #${run.id} brought.`,
    next: `To go back from there: /rollback ${service} ${environment}`,
  }
}

const nothingReplaced = (run: RunRecord): Denial => ({
  code: 'nothing-to-roll-back',
  what: `#${run.id} cannot be rolled back from its card.`,
  why: 'It replaced no version.',
  next: `Type /rollback ${run.intent.service} ${run.intent.environment} to see what can come back.`,
})

const looked = 100

// One key for each run and try, so that two clicks, by whomever, are one run. A try that came to nothing frees the next,
// and so does one that went back before somebody brought the same version again.
async function childOf(parts: DeskParts, run: RunRecord, kind: string, intent: Intent, asker: Asker): Promise<Reply> {
  const { service, environment } = intent
  const runs = await parts.desk.list({ service, environment, limit: looked })
  const again = (one: RunRecord) => kind === 'roll-back' && broughtAgain(one, run, runs)
  const mine = runs.filter((one) => one.parent === run.id && one.intent.job === intent.job)
  const gone = mine.filter((one) => cameToNothing(one) || again(one))
  return submit(parts, intent, asker, { parent: run.id, requestKey: `${kind}:${run.id}:${gone.length}` })
}

function broughtAgain(back: RunRecord, { plan }: RunRecord, runs: RunRecord[]): boolean {
  const { endedAt } = back
  return runs.some(
    (one) =>
      one.id !== back.id &&
      one.state === 'done' &&
      endedAt !== null &&
      one.endedAt !== null &&
      one.endedAt > endedAt &&
      one.plan?.result?.version === plan?.result?.version,
  )
}

const cameToNothing = ({ state }: RunRecord) => hasEnded(state) && state !== 'done'
