import { createHash } from 'node:crypto'
import type { Asker, Via } from '../../commands/command.js'
import { type FaceParts, inTime } from './parts.js'

export type Envelope = {
  user: string
  /** What Slack calls the person when the directory does not answer at once; decides nothing. */
  userName: string
  team: string
  via: Via
  /** What is the same when Slack delivers it again: a trigger, an event id, a view. */
  delivery: string
  channel?: string | undefined
  thread?: string | undefined
}

/** Who asks, by the envelope that Slack signed or sent over our socket, and by nothing else in it. */
export async function askerOf(parts: FaceParts, envelope: Envelope): Promise<Asker> {
  const { user, userName, team, via, delivery, channel, thread } = envelope
  const actor = { kind: 'person' as const, id: user, name: await displayName(parts, user, userName) }
  return {
    actor,
    team,
    via,
    requestKey: requestKey(via, delivery),
    ...(channel ? { channel } : {}),
    ...(thread ? { thread } : {}),
  }
}

/** Hashed, because a trigger id is good for opening modals while it lives. */
export const requestKey = (via: Via, delivery: string): string =>
  `${via}:${createHash('sha256').update(delivery).digest('hex').slice(0, 32)}`

/** The desk asks the directory for the same person a moment later, so this costs no call of its own. */
async function displayName(parts: FaceParts, user: string, userName: string): Promise<string> {
  const known = await inTime(
    parts.directory.standing(user).catch(() => null),
    700,
    parts.clock,
  )
  return known?.name || userName || user
}
