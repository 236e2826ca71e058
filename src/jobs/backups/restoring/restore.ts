import { expectedDuration, windowOfLoss } from '../../../backups/restoring.js'
import { secondIn } from '../../../backups/window.js'
import { digestOf } from '../../../json.js'
import { pauseWords, swapWords } from '../../../releases/backups/restore-policy.js'
import { type Catalogue, resourceOf } from '../../../releases/catalogue.js'
import { watchOf } from '../../../releases/watch.js'
import type { PlanDraft } from '../../../runs/plan.js'
import type { Intent } from '../../../runs/run.js'
import type { Step } from '../../../runs/step.js'
import type { Facts } from '../../facts.js'
import { approval, tell, unlocked } from '../../gates.js'
import type { Job } from '../../jobs.js'
import { backupResources, headlineOf, pinnedOf } from '../database.js'
import { type Asked, askedOf, input } from './asked.js'
import { asJson } from './parts.js'
import { afterwards, gates, intoPlace, intoScratch, judged, reopening } from './steps.js'

/** Brings data back: into a scratch first, looked at, signed off by others, and only then in the place of the live one. */
export const restore: Job = {
  name: 'restore',
  input,
  act: 'restore',
  priority: 1,
  // Nothing may be deployed over data that is about to go, and no backup be taken of it.
  resources: (intent) => restoreResources(intent, input.parse(intent.input).database),
  plan: planRestore,
}

export const restoreResources = ({ service, environment }: Intent, database: string): string[] =>
  [...backupResources(database), resourceOf(service, environment)].sort()

export async function planRestore(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const asked = await askedOf(intent, facts)
  const { database } = asked.policy
  return {
    headline: {
      ...headlineOf(asked, { job: 'restore', notes: await notesOf(asked, facts), undo: 'the data that is live now' }),
      risk: 'high',
    },
    pinned: pinnedOf(asked, 'restore', {
      point: asJson(asked.point),
      goingLive: digestOf(asked.restore).slice(0, 16),
    }),
    steps: [
      ...gates(unlocked(intent), database, asked.point),
      ...intoScratch(database, asked.point),
      ...judged(database),
      ...signOff(asked),
      ...intoPlace(asked),
      ...reopening(asked, probeOf(facts.catalogue, intent)),
      ...afterwards(asked),
      tell('note', 'tell the thread', { kind: 'thread' }, note(asked)),
    ],
    observe: asked.environment.mode === 'observe',
    result: null,
  }
}

/** What people read before they decide; observed, not pinned. */
async function notesOf({ policy, point, words, restore, placement }: Asked, facts: Facts): Promise<string[]> {
  const { book } = facts.backups
  const [drills, [newest], [serving]] = await Promise.all([
    book.drills(policy.database, 10),
    book.backups(policy.database, 1),
    facts.deployments.history(placement.service, placement.environment, 1),
  ])
  const at = point.kind === 'time' ? point.at : null
  const younger = at && serving && serving.at > at ? serving : null
  return [
    `to ${words}`,
    ...(at ? [windowOfLoss(at, facts.now, secondIn(facts.catalogue.zone))] : []),
    `until it is back: ${expectedDuration(drills, newest?.databaseBytes ?? 0)}`,
    swapWords(restore, policy.database),
    pauseWords(restore),
    ...(younger
      ? [`${younger.version} was deployed after that moment: what it migrated will be missing, so roll back first`]
      : []),
  ]
}

/** Whoever rejects leaves nothing behind: what was restored goes too. */
function signOff(asked: Asked): Step[] {
  const { database } = asked.policy
  const question = `Put ${database} of ${asked.environment.name} back to ${asked.words}? What was written after that goes.`
  return approval(asked, 'restore', question).map((step) =>
    step.verb === 'ask' ? { ...step, about: 'compare', onFailure: 'undo' } : step,
  )
}

const probeOf = (
  catalogue: Catalogue,
  { service, environment }: Intent,
): { service: string; environment: string } | null =>
  watchOf(catalogue, service, environment)?.probe ? { service, environment } : null

const note = ({ policy: { database }, words }: Asked) =>
  `${database} is back at ${words}. The data before it is kept; to take it back: /restore undo with this run’s number.`
