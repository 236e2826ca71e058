import type { GivenReview, IncidentRecord, IncidentView } from '../../../incidents/incident.js'
import type { IncidentSpeaking, Reviews, WrittenReview } from '../room/speaking.js'

/** What one giving of a review works on. */
export type Giving = {
  parts: IncidentSpeaking
  reviews: Reviews
  view: IncidentView
  paper: WrittenReview
  /** How often it failed before. */
  tries: number
  /** Writes down what stands in the midst of a step. */
  keep(review: GivenReview): Promise<void>
}

export type Step =
  | { kind: 'go on'; review: GivenReview | null }
  | { kind: 'stands'; review: GivenReview }
  /** `failed` counts against it. */
  | { kind: 'later'; ms: number; failed?: boolean }
  /** `again`: where the next try begins. */
  | { kind: 'trouble'; text: string; next: string; again: 'here' | 'from the start' }

/** Whether there is something to give: a page that is not there or not as new as the rows. A file is of its moment. */
export function isOwed(
  { version, resolvedAt }: Pick<IncidentRecord, 'version' | 'resolvedAt'>,
  review: GivenReview | null | undefined,
): boolean {
  if (!review || review.id === null) return true
  if (review.as === 'canvas') return review.version !== version
  return !review.shared || (resolvedAt !== null && review.at !== null && resolvedAt.toISOString() > review.at)
}

/** Slack's own troubles, which may be over in a moment. */
const passing = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited'])

/** Null when this refusal is no reason to wait. */
export function waitFor({ tries }: Giving, error: string, more: string[] = []): Step | null {
  const passes = passing.has(error) || more.includes(error)
  return passes && tries < 3 ? { kind: 'later', ms: 2_000 * 2 ** tries, failed: true } : null
}

/** The way out, in every case. */
export const asText = '/incident review shows it as text.'

export const mended = (error: string): string =>
  error === 'missing_scope' ? `Install the app again with the current manifest.yml. Until then: ${asText}` : asText
