import { z } from 'zod'
import { breakingGlass, type Glass, glassIn } from '../releases/approvals.js'
import { environmentOf } from '../releases/catalogue.js'
import type { Standing } from '../releases/people.js'
import { denied } from '../releases/permission.js'
import { type Check, defineCheck } from '../runs/abilities.js'
import type { RunDesk } from '../runs/ports.js'
import { hasEnded, type Intent, type RunId, type RunRecord, type RunView } from '../runs/run.js'
import { standsAlone } from '../runs/tally.js'
import type { DeskParts } from './desk/parts.js'
import { titleOf } from './desk/wording.js'
import { jobOf } from './jobs.js'

/** How many of the newest runs of the place are looked at. */
const looked = 200

type Runs = Pick<RunDesk, 'list' | 'view'>

/** The glass that this person has broken in a place and that is open now; null when there is none. */
export async function openGlass(
  runs: Runs,
  { service, environment }: Pick<Intent, 'service' | 'environment'>,
  person: string,
  now: Date,
): Promise<Glass | null> {
  const live = await runs.list({ service, environment, live: true, limit: looked })
  const own = live.filter(({ intent, requestedBy }) => intent.job === breakingGlass && requestedBy.id === person)
  const views = await Promise.all(own.map(({ id }) => runs.view(id)))
  return views.flatMap((view) => (view && glassIn(view, now)) ?? [])[0] ?? null
}

/**
 * The glass under which this person may decide alone what the intent is about: broken by the same person in the same place,
 * open now, for an act that the operator's file names, and by somebody who still holds the right. Null when there is none.
 */
export async function glassFor(
  parts: DeskParts,
  { job, service, environment }: Pick<Intent, 'job' | 'service' | 'environment'>,
  standing: Standing | null,
): Promise<Glass | null> {
  const there = environmentOf(parts.catalogue, environment)
  const now = parts.clock.now()
  const acts: string[] = there?.breakGlass.acts ?? []
  if (!there || !standing || !acts.includes(jobOf(job).act)) return null
  if (denied('breakGlass', there, standing, now) !== null) return null
  return openGlass(parts.desk, { service, environment }, standing.id, now)
}

/** What was asked for or approved while glass was broken: the list that its review reads. */
export const underGlass = (runs: Runs): Check =>
  defineCheck({
    name: 'jobs.under-glass',
    input: z.object({ service: z.string(), environment: z.string() }),
    async run({ service, environment }, { run }) {
      const all = await runs.list({ service, environment, limit: looked })
      const views = await Promise.all(all.filter(isOther(run)).map(({ id }) => runs.view(id)))
      const found = views.flatMap((view) => {
        const how = view && howUnder(view, run)
        return view && how ? [`${titleOf(view.run)} ${how}, ${stood(view.run)}`] : []
      })
      const count = found.length === 1 ? '1 run' : `${found.length} runs`
      const summary = found.length === 0 ? 'nothing was decided under it' : `${count} under it: ${found.join('; ')}`
      return { outcome: 'pass', summary, output: { runs: found.length } }
    },
  })

const isOther =
  (glass: RunId) =>
  ({ id, intent }: RunRecord) =>
    id !== glass && intent.job !== breakingGlass

function howUnder({ run, answers }: RunView, glass: RunId): string | null {
  if (answers.some((answer) => standsAlone(answer) === glass)) return 'approved alone'
  return run.intent.glass === glass ? 'asked for under it' : null
}

const stood = ({ state }: RunRecord) => (hasEnded(state) ? `ended ${state}` : `is ${state}`)
