import type { IncidentView } from '../../incidents/incident.js'
import type { AlertDesk, IncidentChange, IncidentReads } from '../../incidents/ports.js'
import {
  type KnownError,
  knownErrors,
  type SolvedRows,
  searchSolved,
  toldAsSolved,
} from '../../incidents/review/known-errors.js'

export type Remembering = { solved: SolvedRows; alerts: Pick<AlertDesk, 'list'> }

/** What was older may have been another application altogether; milliseconds. */
const remembered = 365 * 86_400_000
const most = 200
const rememberedFrom = (now: Date) => new Date(now.getTime() - remembered)

/** The likeliest of what was seen before and is over, with how it was solved; null when nothing is alike. */
export async function seenBefore(
  { solved, alerts }: Remembering,
  { incident }: IncidentView,
  now: Date,
): Promise<KnownError | null> {
  const { id, title, service, environment } = incident
  const [own, before] = await Promise.all([
    alerts.list({ incident: id, limit: 50 }),
    solved.solved(service, rememberedFrom(now), most),
  ])
  return knownErrors({ incident: id, title, service, environment, alerts: own }, before)[0] ?? null
}

/** Writes down once what is remembered, and once more when it is something else; the card says it all the while. */
export async function rememberedOnce(
  parts: Remembering & { reads: Pick<IncidentReads, 'timeline'> },
  view: IncidentView,
  now: Date,
): Promise<{ change?: IncidentChange }> {
  if (view.incident.state !== 'open') return {}
  const known = await seenBefore(parts, view, now)
  if (!known) return {}
  const key = `seen-before:${known.seen[0]}`
  const timeline = await parts.reads.timeline(view.incident.id)
  if (timeline.some((entry) => entry.key === key)) return {}
  const text = `${known.text} Why: ${known.why}.`
  return { change: { timeline: [{ key, kind: 'note', at: now, by: null, text, data: { seen: known.seen } }] } }
}

const mostFound = 5

/** Incidents that are over and were called that, newest first, each with how it was solved. */
export async function solvedLike(solved: SolvedRows, words: string, now: Date): Promise<string[]> {
  const before = await solved.solved(null, rememberedFrom(now), most)
  return searchSolved(words, before).slice(0, mostFound).map(toldAsSolved)
}
