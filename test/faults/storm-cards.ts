import type { MessagePage } from '../../playground/workspace/protocol.js'
import { silentLog } from '../../src/log.js'
import { openDatabase } from '../../src/store/database.js'
import { wordsOf } from '../support/person.js'
import type { Storm } from './storm.js'

type Card = { run: number; state: string; channel: string; ts: string | null }

/** What a card says of a run that ended so. */
const says: { [state: string]: RegExp } = { done: /is live in/, undone: /undone|back to|brought back/i }

/**
 * Runs whose card is not there or does not say how they ended; the card is found by its row. `planted`: a run taken to
 * have ended otherwise, to show that it would be found.
 */
export async function wrongCards(
  { databaseUrl, control }: Storm,
  planted?: { run: number; state: string },
): Promise<string[]> {
  const database = openDatabase({ url: databaseUrl, name: 'cards', role: null }, silentLog, 1)
  const cards = await database
    .query<Card>(
      'select r.id as run, r.state, c.channel, c.ts from shipmate.runs r left join shipmate.cards c on c.run = r.id',
    )
    .finally(() => database.close())
  const channels = new Set(cards.map(({ channel }) => channel).filter(Boolean))
  const words = new Map<string, string>()
  for (const channel of channels) {
    const { messages } = await control.get<MessagePage>(`/as/U0RITA/channels/${channel}/messages?limit=1000`)
    for (const message of messages) words.set(`${channel} ${message.ts}`, wordsOf(message))
  }
  return cards.flatMap(({ run, state: ended, channel, ts }) => {
    const state = run === planted?.run ? planted.state : ended
    const seen = words.get(`${channel} ${ts}`)
    if (seen === undefined) return [`run ${run} is ${state} and has no card`]
    return (says[state] ?? new RegExp(state)).test(seen)
      ? []
      : [`run ${run} is ${state} and its card says: ${seen.slice(0, 200)}`]
  })
}
