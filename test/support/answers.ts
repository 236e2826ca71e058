import { type Person, wordsOf } from './person.js'
import { waitFor } from './wait-for.js'

/** What only this person sees, newest last. */
export const told = async (person: Person) => (await person.messages('releases')).filter(({ ephemeral }) => ephemeral)

/** What Shipmate answers this person alone, as its words; no run and no card came of it. */
export async function answered(person: Person, words: string, thread_ts?: string): Promise<string> {
  const rows = () => (thread_ts ? person.thread('releases', thread_ts) : person.messages('releases'))
  const before = new Set((await rows()).map(({ ts }) => ts))
  await person.send('releases', words, thread_ts ? { thread_ts } : {})
  const answer = await waitFor(`an answer to ${words.slice(0, 60)}`, async () =>
    (await rows()).find(({ ts, ephemeral }) => ephemeral && !before.has(ts)),
  )
  return wordsOf(answer)
}

/** A mention or a link with a text of its own that Slack would make something of; dates and channels of ours are none. */
export function mentionsAnybody(words: string): boolean {
  return /<(?:@|!(?!date\^)|https?:)/.test(words)
}
