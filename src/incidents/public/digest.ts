import { shownDuration } from '../../releases/durations.js'
import type { IncidentId, IncidentView } from '../incident.js'
import { nameOf } from '../incident.js'

/**
 * The one message of an incident in the stakeholders' channel, edited in place. The row: once for its incident, with the
 * channel and the message that stands (null before the first) and the digest of the text that it shows.
 */
export type DigestRow = {
  incident: IncidentId
  channel: string | null
  ts: string | null
  shown: string | null
  tries: number
}

export type DigestRows = {
  /** Incidents that changed since their message was drawn. */
  stale(now: Date, limit: number): Promise<DigestRow[]>
  /** `stands` null: the message is as it is to be, or nobody is to be told. */
  drawn(
    incident: IncidentId,
    stands: { channel: string; ts: string; shown: string } | null,
    version: number,
  ): Promise<void>
  /** The message is gone: the next one is a new one. */
  gone(incident: IncidentId): Promise<void>
  /** `retryAt` null: not before the incident changes again. */
  failed(incident: IncidentId, error: string, retryAt: Date | null): Promise<void>
}

/** What the message is to say now, plain; null for nobody: a private incident, or one of which nothing was published for stakeholders. */
export function stakeholdersDigest({ incident, updates }: IncidentView, now: Date): string | null {
  if (incident.private) return null
  const told = updates
    .filter(({ publishedAt, audience }) => publishedAt !== null && audience.includes('stakeholders'))
    .sort((a, b) => (b.publishedAt?.getTime() ?? 0) - (a.publishedAt?.getTime() ?? 0) || b.id - a.id)
  const [newest] = told
  if (!newest) return null
  const place = [incident.service, incident.environment].filter((part) => part !== null).join(' in ')
  const lines = [
    `${incident.severity} · ${incident.title} · ${stateOf(incident, now)} · ${nameOf(incident.id)}`,
    newest.text,
    ...(incident.impact && incident.state === 'open' ? [`Impact: ${incident.impact.text}`] : []),
    ...(place ? [`Where: ${place}`] : []),
    ...(told.length > 1 ? [`${told.length} updates so far; this is the last one (${newest.phase}).`] : []),
  ]
  return lines.join('\n')
}

// No "open for 7 min": the message would be edited each minute though nothing is new.
function stateOf({ state, declaredAt, resolvedAt }: IncidentView['incident'], now: Date): string {
  if (state === 'open') return 'open'
  if (state === 'duplicate') return 'part of another incident'
  return `over after ${shownDuration((resolvedAt ?? now).getTime() - declaredAt.getTime())}`
}
