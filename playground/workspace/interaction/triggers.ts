import type { Clock } from '../clock.js'

export type Trigger = { id: string; user: string; view_id?: string }

/** Trigger ids: each lets the app open one modal for the person who acted, within three seconds. */
export type Triggers = {
  /** A new one; `view_id` when the person acted inside that modal. */
  create(user: string, view_id?: string): string
  /** Uses it up, or says in Slack's words why it cannot be used. */
  use(id: string): Trigger | 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id'
}

const LIFE_MS = 3000

/** Long enough to tell a late use from one that never was. */
const REMEMBERED_MS = 600_000

export function createTriggers(clock: Clock, team: string, secret: () => string): Triggers {
  const triggers = new Map<string, Trigger & { made: number; used: boolean }>()
  return {
    create(user, view_id) {
      for (const [old, { made }] of triggers) if (clock.now() - made > REMEMBERED_MS) triggers.delete(old)
      const id = `${clock.now()}.${team}.${secret()}`
      triggers.set(id, { id, user, view_id, made: clock.now(), used: false })
      return id
    },
    use(id) {
      const trigger = triggers.get(id)
      if (!trigger) return 'invalid_trigger_id'
      if (trigger.used) return 'exchanged_trigger_id'
      if (clock.now() - trigger.made > LIFE_MS) return 'expired_trigger_id'
      trigger.used = true
      return trigger
    },
  }
}
