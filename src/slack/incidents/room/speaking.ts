import type { IncidentRecord, IncidentView } from '../../../incidents/incident.js'
import type { AlertDesk, IncidentSignals, IncidentStore, IncidentTelling } from '../../../incidents/ports.js'
import type { DigestRows } from '../../../incidents/public/digest.js'
import type { IncidentSettings } from '../../../incidents/settings.js'
import { meaningOf } from '../../outbox/refusals.js'
import type { Posting, Speaking } from '../../outbox/speaking.js'
import type { SendBytes } from '../../upload.js'

export type WrittenReview = { name: string; markdown: string /** The same for the same findings. */; digest: string }

/** The review of an incident, and how its bytes get to Slack. */
export type Reviews = { written(view: IncidentView): Promise<WrittenReview>; send: SendBytes }

/** What the outbox needs to tell of incidents. */
export type IncidentParts = {
  telling: IncidentTelling
  rows: Pick<IncidentStore, 'view' | 'list'>
  alerts: Pick<AlertDesk, 'alert'>
  /** Without them stakeholders are not told. */
  digests?: DigestRows
  /** Without them no review is given. */
  reviews?: Reviews
  signals: IncidentSignals
  /** The database of a place, where its data can be brought back; without it the card offers nothing of the kind. */
  restorable?(place: { service: string | null; environment: string | null }): string | null
  /** What was seen before and is over, with how it was solved, as a sentence; without it the card remembers nothing. */
  seenBefore?(view: IncidentView, now: Date): Promise<{ text: string } | null>
  settings(): IncidentSettings
  /** Addresses that stand as bookmarks in an incident's channel: dashboards, the status page. */
  links(incident: IncidentRecord): { title: string; link: string }[]
  /** Who belongs to a group; throws when that cannot be told. */
  members(handle: string): Promise<string[]>
  /** The app's own id among people; null until it is known. */
  botUser(): string | null
}

export type IncidentSpeaking = Posting & { incidents: IncidentParts }

/** What became of one call: done, not now, or no. */
export type Told =
  | { kind: 'ok'; data: { [field: string]: unknown }; sent: number }
  /** `unsure`: Slack may have taken it. */
  | { kind: 'later'; ms: number; unsure: boolean }
  | { kind: 'no'; error: string; text: string; data: { [field: string]: unknown } }

/** One call inside Slack's limits. What Slack does not take of a piece keeps nobody else waiting; a bad token does. */
export async function ask(
  parts: Speaking,
  method: string,
  args: { [name: string]: unknown },
  channel = '',
): Promise<Told> {
  const sent = parts.clock.now().getTime()
  const free = parts.budget.freeAt(method, channel, true, sent)
  if (free > sent) return { kind: 'later', ms: free - sent, unsure: false }
  // Written down at once: others ask in the same moment.
  parts.budget.spent(method, channel, true, { sent, answered: sent })
  const answer = await parts.web.call(method, args)
  const now = parts.clock.now().getTime()
  if (answer.ok) return { kind: 'ok', data: answer.data, sent }
  if (answer.why === 'limited') {
    parts.budget.limited(method, channel, now + answer.retryAfterMs, now)
    return { kind: 'later', ms: answer.retryAfterMs, unsure: false }
  }
  if (answer.why === 'unreachable') {
    parts.trouble.met(answer, channel, now)
    return { kind: 'later', ms: 1_000, unsure: true }
  }
  const { error, text } = answer
  if (meaningOf(error) === 'token' && error !== 'missing_scope') parts.trouble.met(answer, channel, now)
  parts.log.warn({ method, channel, slack: text }, 'Slack refused a call')
  return { kind: 'no', error, text, data: {} }
}
