import type { GivenReview } from '../../../incidents/incident.js'
import { quote } from '../../text.js'

/** Where people find the review. Null while it is not given. */
export function reviewLine(review: GivenReview | null | undefined): string | null {
  if (!review || review.id === null) return null
  if (review.as === 'canvas') return 'The review is the canvas of this channel.'
  return review.shared ? `The review is a file in the thread. ${whyNoCanvas(review.why)}` : null
}

export function whyNoCanvas(why: string): string {
  if (why === 'no channel') return 'It had no channel for a canvas.'
  if (why === 'channel_canvas_already_exists') return 'The channel has a canvas that somebody else wrote.'
  if (why === 'missing_scope')
    return 'Slack takes no canvas from this app (missing_scope): install it again with the current manifest.yml.'
  return `Slack takes no canvas here (${quote(why, 80)}).`
}
