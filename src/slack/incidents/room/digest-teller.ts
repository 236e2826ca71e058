import { type DigestRow, stakeholdersDigest } from '../../../incidents/public/digest.js'
import { digestOf } from '../../../json.js'
import { type Message, message, section } from '../../blocks.js'
import { meaningOf } from '../../outbox/refusals.js'
import { idle } from '../../outbox/speaking.js'
import { escaped } from '../../text.js'
import { answerOf, quiet } from './pieces.js'
import { ask, type IncidentSpeaking } from './speaking.js'

const mostTries = 8

/** Keeps each incident's one message for stakeholders: posted with the first update for them, edited in place from then on. */
export function createDigestTeller(parts: IncidentSpeaking): { tell(stop: AbortSignal): Promise<number> } {
  const { digests, rows, settings } = parts.incidents

  async function tell(stop: AbortSignal): Promise<number> {
    const channel = settings().stakeholders
    if (!digests || !channel) return idle
    let next = idle
    for (const row of await digests.stale(parts.clock.now(), 100)) {
      if (stop.aborted || parts.trouble.pausedFor(parts.clock.now().getTime()) > 0) return next
      next = Math.min(next, (await tellOne(row, channel)) ?? idle)
    }
    return next
  }

  /** Null when it is done with; else how long until the next try. */
  async function tellOne(row: DigestRow, channel: string): Promise<number | null> {
    const view = await rows.view(row.incident)
    if (!view) return null
    const { version } = view.incident
    const text =
      stakeholdersDigest(view, parts.clock.now()) ?? (row.ts === null ? null : 'This is no longer told here.')
    const shown = text === null ? null : digestOf(text)
    if (text === null || shown === null || shown === row.shown) {
      await digests?.drawn(row.incident, null, version)
      return null
    }
    const words = drawn(text)
    if (row.channel !== null && row.ts !== null)
      return edited(row, { channel: row.channel, ts: row.ts, shown }, words, version)
    return posted(row, channel, shown, words, version)
  }

  async function posted(row: DigestRow, channel: string, shown: string, words: Message, version: number) {
    const key = `incident ${row.incident} digest`
    const turn = await parts.sendings.turn(key, { channel })
    if (turn.kind === 'wait') return turn.ms
    if (turn.kind === 'there') return stands(row, key, { channel, ts: turn.ts, shown: '' }, version - 1)
    const args = { channel, ...words, metadata: turn.metadata, ...quiet }
    const told = await ask(parts, 'chat.postMessage', args, channel)
    parts.sendings.answered(key, answerOf(told))
    if (told.kind === 'later') return told.ms
    if (told.kind === 'no') return refused(row, told.error, told.text)
    return stands(
      row,
      key,
      { channel: String(told.data.channel ?? channel), ts: String(told.data.ts ?? ''), shown },
      version,
    )
  }

  async function edited(
    row: DigestRow,
    at: { channel: string; ts: string; shown: string },
    words: Message,
    version: number,
  ) {
    const told = await ask(parts, 'chat.update', { channel: at.channel, ts: at.ts, ...words }, at.channel)
    if (told.kind === 'later') return told.ms
    if (told.kind === 'ok') {
      await digests?.drawn(row.incident, at, version)
      return null
    }
    if (meaningOf(told.error) !== 'gone') return refused(row, told.error, told.text)
    await digests?.gone(row.incident)
    return 0
  }

  async function stands(
    row: DigestRow,
    key: string,
    at: { channel: string; ts: string; shown: string },
    version: number,
  ) {
    await digests?.drawn(row.incident, at, version)
    await parts.sendings.recorded(key)
    return null
  }

  async function refused(row: DigestRow, error: string, text: string): Promise<number> {
    const over = meaningOf(error) === 'drawing' || row.tries + 1 >= mostTries
    const retryAt = over ? null : new Date(parts.clock.now().getTime() + 5_000 * 2 ** row.tries)
    if (over) parts.log.error({ incident: row.incident, slack: text }, 'the message for stakeholders is given up')
    await digests?.failed(row.incident, text, retryAt)
    return idle
  }

  return { tell }
}

function drawn(text: string): Message {
  const [head = '', ...lines] = text.split('\n').map(escaped)
  return message([head, ...lines].join('\n'), [section(`*${head.replaceAll('*', '∗')}*`, ...lines)])
}
