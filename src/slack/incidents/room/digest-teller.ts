import { type DigestRow, stakeholdersDigest } from '../../../incidents/public/digest.js'
import { digestOf } from '../../../json.js'
import { type Message, message, section } from '../../blocks.js'
import { idle } from '../../outbox/speaking.js'
import { keepStanding } from '../../outbox/standing-message.js'
import { escaped } from '../../text.js'
import type { IncidentSpeaking } from './speaking.js'

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
    const key = `incident ${row.incident} digest`
    const at = row.channel !== null && row.ts !== null ? { channel: row.channel, ts: row.ts } : null
    const stood = await keepStanding(parts, { key, channel, at, tries: row.tries }, drawn(text))
    switch (stood.kind) {
      case 'later':
        return stood.ms
      case 'stands':
        // Of one that was found nobody knows what it says: it is drawn once more.
        await digests?.drawn(
          row.incident,
          { ...stood.at, shown: stood.adopted ? '' : shown },
          version - Number(stood.adopted),
        )
        if (at === null) await parts.sendings.recorded(key)
        return null
      case 'gone':
        await digests?.gone(row.incident)
        return 0
      case 'refused':
        if (stood.retryAt === null)
          parts.log.error({ incident: row.incident, slack: stood.text }, 'the message for stakeholders is given up')
        await digests?.failed(row.incident, stood.text, stood.retryAt)
        return idle
    }
  }

  return { tell }
}

function drawn(text: string): Message {
  const [head = '', ...lines] = text.split('\n').map(escaped)
  return message([head, ...lines].join('\n'), [section(`*${head.replaceAll('*', '∗')}*`, ...lines)])
}
