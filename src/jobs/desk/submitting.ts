import type { Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import { asShipmateError, refused } from '../../errors.js'
import { breakingGlass } from '../../releases/approvals.js'
import { environmentOf, resourceOf } from '../../releases/catalogue.js'
import type { Denial } from '../../releases/denial.js'
import { heldByHand, shownLock } from '../../releases/locks.js'
import type { Standing } from '../../releases/people.js'
import { denied } from '../../releases/permission.js'
import type { Intent, RunId, RunRecord } from '../../runs/run.js'
import { glassFor } from '../glass.js'
import { checked, planIntent } from '../jobs.js'
import { releaseIn, shortened } from '../place.js'
import { type DeskParts, factsOf, refusal, standingOf, wake, within } from './parts.js'
import { counted, standsAt, subjectOf, titleOf } from './wording.js'

export type Start = { parent: RunId | null; requestKey: string }

/** A run for this intent, if this person may have it and there is something to do; else a refusal and no run. */
export async function submit(parts: DeskParts, asked: Intent, asker: Asker, start?: Start): Promise<Reply> {
  const job = checked(asked)
  const environment = environmentOf(parts.catalogue, asked.environment)
  if (!environment) throw unknownEnvironment(asked.environment)
  const standing = await standingOf(parts, asker)
  const denial = denied(job.act, environment, standing, parts.clock.now())
  if (denial) return refusal(denial)
  const requestKey = start?.requestKey ?? asker.requestKey
  // Before anything is looked at: what the first delivery did may be just what would refuse the second one now.
  const known = await parts.desk.find(asker.team, requestKey)
  if (known) return { kind: 'accepted', run: known, first: false, text: again(known) }
  const intent = await signed(parts, asked, asker, standing)
  const lock = job.besideLocks ? null : await lockedBy(parts, intent)
  if (lock) return refusal(lock)
  const settled = await settle(parts, intent, job.resources(intent))
  const { run, fresh } = await parts.desk.submit({
    requestKey,
    team: asker.team,
    intent: settled,
    resources: job.resources(settled),
    priority: job.priority,
    requestedBy: asker.actor,
    via: asker.via,
    parent: start?.parent ?? null,
    at: parts.clock.now(),
  })
  await wake(parts, run.id)
  return { kind: 'accepted', run, first: fresh, text: fresh ? accepted(run, environment.mode) : again(run) }
}

/** What rests on who asks is never taken from words, nor from the run that is tried again. */
async function signed(
  parts: DeskParts,
  { glass: _, ...intent }: Intent,
  { actor }: Asker,
  standing: Standing | null,
): Promise<Intent> {
  if (intent.job === breakingGlass)
    return { ...intent, input: { ...intent.input, by: { id: actor.id, name: actor.name } } }
  const glass = await glassFor(parts, intent, standing)
  return glass ? { ...intent, glass: glass.run } : intent
}

/** Said to the person who asks, instead of a run that its first gate refuses in front of everybody. */
async function lockedBy(parts: DeskParts, { job, service, environment }: Intent): Promise<Denial | null> {
  const now = parts.clock.now()
  const held = heldByHand(await parts.locks.holders(), resourceOf(service, environment), now)
  if (!held) return null
  return {
    code: 'locked',
    what: `${service} in ${environment} is locked, so this ${job} was not asked for.`,
    why: `Locked by ${shownLock(held, now)}.`,
    next: `Ask ${held.by.name}, or end the lock: /ops unlock ${service} ${environment} because …`,
  }
}

// A command is answered within Slack's three seconds; what a slow target hides is refused by the run itself.
const patience = 1_500

/**
 * Refuses at once, without a run and a card, what a plan made now would refuse. "The newest" becomes a version here, so
 * that a release built while people approve does not void their approval. With runs ahead nothing is known yet.
 */
async function settle(parts: DeskParts, intent: Intent, resources: string[]): Promise<Intent> {
  const lines = resources.map((resource) => parts.desk.list({ resource, live: true, limit: 1 }))
  const live = (await Promise.all(lines)).flat()
  const looked = live.length > 0 ? versionExists(parts, intent) : rehearsed(parts, intent)
  try {
    return (await within(parts, patience, looked)) ?? intent
  } catch (thrown) {
    const error = asShipmateError(thrown)
    if (error.kind === 'refused') throw error
    parts.log.info({ code: error.code, err: thrown }, 'could not rehearse a plan; the run will tell')
    return intent
  }
}

async function rehearsed(parts: DeskParts, intent: Intent): Promise<Intent> {
  const { result } = await planIntent(intent, factsOf(parts))
  if (intent.job !== 'deploy' || !result) return intent
  return { ...intent, input: { ...intent.input, version: result.version } }
}

async function versionExists(parts: DeskParts, intent: Intent): Promise<Intent> {
  const { service, input } = intent
  if (typeof input.version === 'string') releaseIn(await parts.sources(service).list(service), service, input.version)
  return intent
}

function accepted(run: RunRecord, mode: 'act' | 'observe'): string {
  if (run.intent.job === breakingGlass)
    return `You break glass for ${run.intent.service} in ${run.intent.environment}: #${run.id}.\nThe channel is told. Your own approval is enough there from now on; close it on its card as soon as you can.`
  const first = `You asked for ${subjectOf(run.intent)}: run #${run.id}.`
  const watching = mode === 'observe' ? ` ${run.intent.environment} only observes: nothing will be changed.` : ''
  if (run.ahead > 0)
    return `${first}\nIt waits in line behind ${counted(run.ahead, 'run')}; its plan is made when its turn comes.${watching}`
  return `${first}\nIts plan is being made.${watching}`
}

const again = (run: RunRecord) => `This was asked for already: ${titleOf(run)} ${standsAt(run)}.`

function unknownEnvironment(name: string) {
  return refused('environment-unknown', `There is no environment ${shortened(name)}.`, {
    next: 'Type /ops status to see what there is.',
  })
}
