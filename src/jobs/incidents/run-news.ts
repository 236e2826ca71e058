import { lostWords } from '../../backups/restored.js'
import { type IncidentView, isDrill, type RunPart, type Update } from '../../incidents/incident.js'
import type { IncidentChange } from '../../incidents/ports.js'
import type { NewEntry } from '../../incidents/timeline.js'
import { hasEnded, type Intent, type RunRecord, type RunView } from '../../runs/run.js'
import { shipmateItself } from '../backups/database.js'
import { titleOf } from '../desk/wording.js'
import type { KeeperParts, Look } from './keeping.js'

const looked = 50

/** What became of the runs that belong to an incident, and which others of its place began since: told in the timeline. */
export async function runsFollowed(parts: KeeperParts, view: IncidentView): Promise<Look> {
  const known = await Promise.all(view.runs.map(({ run }) => parts.runs.view(run)))
  const views = known.flatMap((one) => one ?? [])
  const runs = views.map(({ run }) => run)
  const fresh = (await begunHere(parts, view)).filter(({ id }) => !view.runs.some(({ run }) => run === id))
  return ({ view: newest }): IncidentChange => ({
    runs: fresh
      .filter(({ id }) => !newest.runs.some(({ run }) => run === id))
      .map(({ id }) => ({ run: id, part: 'recovery' as RunPart })),
    timeline: [...fresh.map(begun), ...[...runs, ...fresh].flatMap(ended)],
    ...drafted(parts, newest, views),
  })
}

/** After a restore people outside are owed what is missing: the words are there, with its figures, and somebody reads them. */
function drafted(
  { catalogue, clock }: KeeperParts,
  { incident, updates }: IncidentView,
  views: RunView[],
): IncidentChange {
  if (incident.state !== 'open') return {}
  const told = (since: Date) =>
    updates.some(({ draftedBy, draftedAt }) => draftedBy.id === shipmateItself.id && draftedAt >= since)
  const add = views.flatMap((view): Omit<Update, 'id'>[] => {
    const { intent, state, endedAt } = view.run
    const text = intent.job === 'restore' && state === 'done' ? lostWords(view, catalogue.zone) : null
    if (!text || !endedAt || told(endedAt)) return []
    const draft = { text, phase: 'monitoring' as const, audience: ['stakeholders' as const], draftedBy: shipmateItself }
    return [{ ...draft, draftedAt: clock.now(), publishedBy: null, publishedAt: null }]
  })
  return add.length > 0 ? { updates: { add } } : {}
}

/** A rollback that somebody typed belongs to the incident as much as one from its card. */
async function begunHere({ runs }: KeeperParts, { incident }: IncidentView): Promise<RunRecord[]> {
  const { id, service, environment, declaredAt, state } = incident
  if (service === null || environment === null || state !== 'open') return []
  const found = await runs.list({ service, environment, limit: looked })
  // What others do meanwhile is no part of a drill, and what a drill does helps nowhere else.
  const belongs = ({ recovery }: Intent) => (isDrill(incident) || recovery?.drill ? recovery?.incident === id : true)
  return found.filter(({ intent, createdAt }) => intent.job !== 'guide' && createdAt >= declaredAt && belongs(intent))
}

const begun = (run: RunRecord): NewEntry => ({
  key: `run:${run.id}:asked`,
  kind: 'run',
  at: run.createdAt,
  by: run.requestedBy,
  text: `${run.requestedBy.name} asked for ${titleOf(run)}.`,
  data: { run: run.id },
})

function ended(run: RunRecord): NewEntry[] {
  if (!hasEnded(run.state) || run.endedAt === null) return []
  const why = run.reason ? `: ${run.reason.text}` : ''
  const text = `${titleOf(run)} ended ${run.state}${why}.`
  return [
    {
      key: `run:${run.id}:ended`,
      kind: 'run',
      at: run.endedAt,
      by: null,
      text,
      data: { run: run.id, state: run.state },
    },
  ]
}
