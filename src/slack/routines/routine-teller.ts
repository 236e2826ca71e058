import { digestOf } from '../../json.js'
import type { RoutineCall, RoutineDigest, RoutineTelling } from '../../releases/routines/ports.js'
import { answerOf, quiet } from '../incidents/room/pieces.js'
import { ask } from '../incidents/room/speaking.js'
import { idle, type Posting } from '../outbox/speaking.js'
import { keepStanding, retryAfter } from '../outbox/standing-message.js'
import { routineCallMessage } from './call-message.js'
import { digestMessage } from './digest-message.js'

/** Keeps the one message of each channel and day that asks for recurring work, and calls people in its thread. */
export function createRoutineTeller(
  parts: Posting,
  rows: RoutineTelling,
): { tell(stop: AbortSignal): Promise<number> } {
  const over = (stop: AbortSignal) => stop.aborted || parts.trouble.pausedFor(parts.clock.now().getTime()) > 0

  async function tell(stop: AbortSignal): Promise<number> {
    let next = idle
    for (const digest of await rows.stale(parts.clock.now(), 100)) {
      if (over(stop)) return next
      next = Math.min(next, (await draw(digest)) ?? idle)
    }
    // After the messages: a call stands in the thread of one.
    for (const call of await rows.calls(parts.clock.now(), 100)) {
      if (over(stop)) return next
      next = Math.min(next, (await callFor(call)) ?? idle)
    }
    return next
  }

  /** Null when it is done with; else how long until the next try. */
  async function draw(digest: RoutineDigest): Promise<number | null> {
    const { id, version, place, channel, ts, tries } = digest
    const words = digestMessage(digest, parts.clock.now())
    const shown = digestOf(words.blocks)
    if (shown === digest.shown) {
      await rows.drawn(id, version, null)
      return null
    }
    const key = `routines ${id}`
    const at = channel !== null && ts !== null ? { channel, ts } : null
    const stood = await keepStanding(parts, { key, channel: place, at, tries }, words)
    switch (stood.kind) {
      case 'later':
        return stood.ms
      case 'stands':
        // Of one that was found nobody knows what it says: it is drawn once more.
        await rows.drawn(id, version - Number(stood.adopted), { ...stood.at, shown: stood.adopted ? '' : shown })
        if (at === null) await parts.sendings.recorded(key)
        return stood.adopted ? 0 : null
      case 'gone':
        await rows.gone(id)
        return 0
      case 'refused':
        if (stood.retryAt === null) parts.log.error({ place, slack: stood.text }, 'a message of routines is given up')
        await rows.failed(id, stood.text, stood.retryAt)
        return idle
    }
  }

  async function callFor(call: RoutineCall): Promise<number | null> {
    const { id, channel, ts: thread, tries } = call
    const now = parts.clock.now()
    const words = await routineCallMessage(call, parts.groupIds, now)
    const key = `routine call ${id}`
    if (!words) {
      await rows.called(id, null, now)
      await parts.sendings.recorded(key)
      return null
    }
    const turn = await parts.sendings.turn(key, { channel, thread_ts: thread })
    if (turn.kind === 'wait') return turn.ms
    if (turn.kind === 'there') return called(id, key, turn.ts)
    const args = { channel, thread_ts: thread, ...words, metadata: turn.metadata, ...quiet }
    const told = await ask(parts, 'chat.postMessage', args, channel)
    parts.sendings.answered(key, answerOf(told))
    if (told.kind === 'later') return told.ms
    if (told.kind === 'ok') return called(id, key, String(told.data.ts ?? ''))
    const retryAt = retryAfter(told.error, tries, now)
    if (retryAt === null) parts.log.error({ channel, slack: told.text }, 'a call for a routine is given up')
    await rows.callFailed(id, told.text, retryAt, now)
    if (retryAt === null) await parts.sendings.recorded(key)
    return idle
  }

  async function called(id: number, key: string, ts: string): Promise<null> {
    await rows.called(id, ts, parts.clock.now())
    await parts.sendings.recorded(key)
    return null
  }

  return { tell }
}
