import type { PendingIncidentPost } from './ports.js'
import { reminderPrefix } from './updates.js'

/**
 * Of reminders that wait to be said together, because Slack was away, only the newest of a kind is worth reading: it says
 * all that those before it say. A page counts as a reminder of whoever it calls. Answers the ids of those before.
 */
export function passedOver(posts: readonly PendingIncidentPost[]): Set<number> {
  const newest = new Map<string, number>()
  for (const post of posts) {
    const kind = kindOf(post)
    if (kind !== null) newest.set(kind, post.id)
  }
  const isPassed = (post: PendingIncidentPost) => (newest.get(kindOf(post) ?? '') ?? post.id) !== post.id
  return new Set(posts.filter(isPassed).map(({ id }) => id))
}

function kindOf({ key, to, drawing }: PendingIncidentPost): string | null {
  if (key.startsWith(reminderPrefix)) return reminderPrefix
  return drawing?.name === 'page' ? JSON.stringify([to, drawing.data.target ?? null]) : null
}
