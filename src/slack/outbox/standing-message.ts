import type { Message } from '../blocks.js'
import { answerOf, quiet } from '../incidents/room/pieces.js'
import { ask } from '../incidents/room/speaking.js'
import { meaningOf } from './refusals.js'
import type { Posting } from './speaking.js'

/** `key` names it among what may be there already; `at`: where it stands, null before it was ever posted. */
export type Standing = { key: string; channel: string; at: { channel: string; ts: string } | null; tries: number }

/** What became of it. `adopted`: somebody had posted it and died before that was recorded, so what it says is not known. */
export type Stood =
  | { kind: 'stands'; at: { channel: string; ts: string }; adopted: boolean }
  | { kind: 'later'; ms: number }
  /** Somebody deleted it: the next one is a new one. */
  | { kind: 'gone' }
  /** `retryAt` null: it would be refused again. */
  | { kind: 'refused'; text: string; retryAt: Date | null }

const mostTries = 8

/**
 * Keeps one message that is drawn from rows: posted once, edited in place from then on. Whoever calls writes down where it
 * stands, then says so to `sendings` (see there), and only then is it not looked for any more.
 */
export function keepStanding(parts: Posting, standing: Standing, words: Message): Promise<Stood> {
  return standing.at === null ? posted(parts, standing, words) : edited(parts, standing, standing.at, words)
}

async function posted(parts: Posting, standing: Standing, words: Message): Promise<Stood> {
  const { key, channel } = standing
  const turn = await parts.sendings.turn(key, { channel })
  if (turn.kind === 'wait') return { kind: 'later', ms: turn.ms }
  if (turn.kind === 'there') return { kind: 'stands', at: { channel, ts: turn.ts }, adopted: true }
  const args = { channel, ...words, metadata: turn.metadata, ...quiet }
  const told = await ask(parts, 'chat.postMessage', args, channel)
  parts.sendings.answered(key, answerOf(told))
  if (told.kind === 'later') return { kind: 'later', ms: told.ms }
  if (told.kind === 'no') return refused(parts, standing, told.error, told.text)
  parts.trouble.over(channel)
  const at = { channel: String(told.data.channel ?? channel), ts: String(told.data.ts ?? '') }
  return { kind: 'stands', at, adopted: false }
}

async function edited(
  parts: Posting,
  standing: Standing,
  at: { channel: string; ts: string },
  words: Message,
): Promise<Stood> {
  const told = await ask(parts, 'chat.update', { ...at, ...words }, at.channel)
  if (told.kind === 'later') return { kind: 'later', ms: told.ms }
  if (told.kind === 'ok') return { kind: 'stands', at, adopted: false }
  return meaningOf(told.error) === 'gone' ? { kind: 'gone' } : refused(parts, standing, told.error, told.text)
}

/** Whoever runs Shipmate reads of a channel that takes nothing where they read of its health. */
function refused({ clock, trouble }: Posting, { tries, channel }: Standing, error: string, text: string): Stood {
  const now = clock.now()
  trouble.met({ ok: false, why: 'refused', error, text }, channel, now.getTime())
  return { kind: 'refused', text, retryAt: retryAfter(error, tries, now) }
}

/** When to try again what Slack refused; null: it would be refused again, or was often enough. */
export function retryAfter(error: string, tries: number, now: Date): Date | null {
  const over = meaningOf(error) === 'drawing' || tries + 1 >= mostTries
  return over ? null : new Date(now.getTime() + 5_000 * 2 ** tries)
}
