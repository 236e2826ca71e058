import type { Landed } from './enforcer.js'
import { changesOfRun, type StormRun } from './storm.js'

export type Showing = { run: number; state: number }

/** Which runs a message shows in which state: a board many, a card one. Read from its words, as people do. */
export function showings(text: string): Showing[] {
  return text.split('\n').flatMap((line) => {
    if (/^\S+ (done|not done): #/.test(line)) return numbers(line).map((run) => ({ run, state: changesOfRun }))
    const [, run] = / · #(\d+)$/.exec(line) ?? []
    return run ? [{ run: Number(run), state: stateOf(line) }] : []
  })
}

/** A card's number stands among its facts. */
export function cardShowing(text: string): Showing | null {
  const [, run] = /^#(\d+) · asked by/m.exec(text) ?? []
  return run ? { run: Number(run), state: stateOf(text) } : null
}

const numbers = (line: string): number[] => [...line.matchAll(/#(\d+)/g)].map(([, run]) => Number(run))

function stateOf(text: string): number {
  if (/ is live in | did \*not\* go live| · (failed|undone) · #/.test(text)) return changesOfRun
  return Number(/state (\d+)!/.exec(text)?.[1] ?? 0)
}

export type Verdict = {
  /** From each change to the first message that shows it or a later one, ms. */
  staleness: number[]
  /** From each run's end until its own card told it, ms; Infinity when it never did. */
  ownCard: number[]
  /** Messages whose last drawing shows a run in a state that is not its last, or runs without a card. */
  wrongFinal: number
  /** Drawings that showed an older state of a run than the one before them in the same message. */
  olderOverNewer: number
}

/** What people could see, from the messages as they landed. */
export function judged(runs: StormRun[], landed: Landed[]): Verdict {
  const shown = new Map<number, { at: number; state: number }[]>()
  const own = new Map<number, number>()
  const last = new Map<string, Map<number, number>>()
  let olderOverNewer = 0
  for (const { at, ts, text } of landed) {
    const card = cardShowing(text)
    const all = card ? [card] : showings(text)
    const before = last.get(ts)
    for (const { run, state } of all) {
      if ((before?.get(run) ?? 0) > state) olderOverNewer++
      const history = shown.get(run) ?? []
      if (state > (history.at(-1)?.state ?? 0)) history.push({ at, state })
      shown.set(run, history)
    }
    last.set(ts, new Map(all.map(({ run, state }) => [run, state])))
    if (card?.state === changesOfRun && !own.has(card.run)) own.set(card.run, at)
  }
  const wrong = [...last.values()].filter((states) => [...states.values()].some((state) => state < changesOfRun)).length
  return {
    staleness: runs.flatMap(({ id, changes }) =>
      changes.map(
        (at, index) => (shown.get(id)?.find(({ state }) => state > index)?.at ?? Number.POSITIVE_INFINITY) - at,
      ),
    ),
    ownCard: runs.map(({ id, changes }) => (own.get(id) ?? Number.POSITIVE_INFINITY) - (changes.at(-1) ?? 0)),
    wrongFinal: wrong + runs.filter(({ id }) => !own.has(id)).length,
    olderOverNewer,
  }
}
