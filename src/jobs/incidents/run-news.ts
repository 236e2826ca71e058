import { type IncidentView, isDrill, type RunPart } from '../../incidents/incident.js'
import type { IncidentChange } from '../../incidents/ports.js'
import type { NewEntry } from '../../incidents/timeline.js'
import { hasEnded, type Intent, type RunRecord } from '../../runs/run.js'
import { titleOf } from '../desk/wording.js'
import type { KeeperParts, Look } from './keeping.js'

const looked = 50

/** What became of the runs that belong to an incident, and which others of its place began since: told in the timeline. */
export async function runsFollowed(parts: KeeperParts, view: IncidentView): Promise<Look> {
  const known = await Promise.all(view.runs.map(({ run }) => parts.runs.view(run)))
  const runs = known.flatMap((one) => (one ? [one.run] : []))
  const fresh = (await begunHere(parts, view)).filter(({ id }) => !view.runs.some(({ run }) => run === id))
  return ({ view: newest }): IncidentChange => ({
    runs: fresh
      .filter(({ id }) => !newest.runs.some(({ run }) => run === id))
      .map(({ id }) => ({ run: id, part: 'recovery' as RunPart })),
    timeline: [...fresh.map(begun), ...[...runs, ...fresh].flatMap(ended)],
  })
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
