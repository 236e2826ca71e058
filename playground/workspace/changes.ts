import type { Change } from './protocol.js'

/** Tells open pages what to fetch again. */
export type Changes = {
  tell(users: Iterable<string>, change: Change): void
  tellAll(change: Change): void
  /** The answer ends the subscription. */
  listen(user: string, hear: (change: Change) => void): () => void
}

export function createChanges(): Changes {
  const listeners = new Set<{ user: string; hear: (change: Change) => void }>()
  return {
    tell(users, change) {
      const told = new Set(users)
      for (const listener of listeners) if (told.has(listener.user)) listener.hear(change)
    },
    tellAll(change) {
      for (const listener of listeners) listener.hear(change)
    },
    listen(user, hear) {
      const listener = { user, hear }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
