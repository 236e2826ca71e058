import { textOf } from '../slack/text-of.js'

/** A message of the app as the workspace has it. */
export type Seen = { channel: string; ts: string; thread: string | null; text: string; blocks: unknown[] }
/** A run that has ended, as its rows have it. */
export type Told = {
  run: number
  state: string
  says: string
  card: { channel: string; ts: string } | null
  posts: string[]
}

/** What is wrong with what people see in the end; empty when every card, thread and board is right. */
export function cardFaults(runs: Told[], messages: Seen[]): string[] {
  const top = messages.filter(({ thread }) => thread === null)
  const known = new Set(runs.map(({ run }) => run))
  return [
    ...runs.flatMap((run) => [
      ...faultsOfCard(
        run,
        top.filter((message) => runOf(message) === run.run),
      ),
      ...faultsOfThread(run, messages),
    ]),
    ...top
      .filter((message) => !known.has(runOf(message) ?? 0) && !/This board has ended/.test(wordsOf(message)))
      .map(({ ts, text }) => `message ${ts} shows what is over: ${text}`),
  ]
}

function faultsOfCard({ run, state, says, card }: Told, cards: Seen[]): string[] {
  if (cards.length !== 1) return [`#${run} has ${cards.length} cards`]
  const [seen] = cards
  if (!seen || seen.ts !== card?.ts || seen.channel !== card.channel)
    return [`#${run}: its card is not the one in the rows`]
  return wordsOf(seen).includes(says) ? [] : [`#${run} is ${state} and its card says: ${wordsOf(seen).slice(0, 160)}`]
}

/** In the order in which they were to be told; a reply twice is one too many. */
function faultsOfThread({ run, card, posts }: Told, messages: Seen[]): string[] {
  const replies = messages.filter(({ channel, thread }) => channel === card?.channel && thread === card?.ts)
  const said = replies.sort((a, b) => Number(a.ts) - Number(b.ts)).map(({ text }) => text)
  return said.join('\n') === posts.join('\n')
    ? []
    : [`#${run} was to say ${posts.join(', ')} and said ${said.join(', ')}`]
}

const wordsOf = ({ blocks }: Seen): string => textOf({ blocks } as never)

/** Cards say their number among their facts. */
export function runOf(message: Seen): number | null {
  const run = /^#(\d+) · asked by/m.exec(wordsOf(message))?.[1]
  return run ? Number(run) : null
}

/** Which state of which run each drawing shows, in the order in which the workspace took them: none may go back. */
export function wentBack(drawings: { ts: string; words: string }[]): string[] {
  const highest = new Map<string, number>()
  return drawings.flatMap(({ ts, words }) => {
    const state = Number(/state (\d+)!/.exec(words)?.[1] ?? -1)
    const before = highest.get(ts) ?? -1
    highest.set(ts, Math.max(before, state))
    return state >= 0 && state < before ? [`message ${ts} went from state ${before} back to ${state}`] : []
  })
}
