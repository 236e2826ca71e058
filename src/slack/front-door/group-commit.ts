import { createBag, type Placed } from './bag.js'

/** Writes one item together with others. Resolves 'too late' after `patience` ms, or a tenth of a second before. */
export type GroupCommit<Item, Result> = (item: Item, patience: number) => Promise<Result | 'too late'>

export type GroupCommitParts<Item, Result> = {
  write(items: Item[]): Promise<Result[]>
  /** What came of an item whose caller was told 'too late'. */
  late(item: Item, result: Result): void
  /** So many writes at a time, each of at most so many items. */
  lanes: number
  most: number
}

/** One timer for all that wait: under load, one for each would cost too much. */
const lookEvery = 100

/** For how long a write may keep others waiting that are fewer than its own items. */
const holdBack = 5

/**
 * Gathers what waits and writes it together: at once when nothing is being written; beside another write when as many
 * wait as are being written, or when that takes long; else when it ends. A write that fails fails for all of its items.
 */
export function createGroupCommit<Item, Result>(parts: GroupCommitParts<Item, Result>): GroupCommit<Item, Result> {
  const { lanes, most } = parts
  const unanswered = createBag<Waiting<Item, Result>>()
  let waiting: Waiting<Item, Result>[] = []
  let [underWay, travelling] = [0, 0]
  let scheduled = false
  let looking = false
  let holding: NodeJS.Timeout | null = null

  // One turn later, so that everything that arrived in this turn of the loop travels together.
  function schedule(): void {
    if (scheduled || underWay >= lanes || waiting.length === 0) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      if (waiting.length >= travelling) void send()
      else holding ??= setTimeout(() => void send(), holdBack)
    })
  }

  async function send(): Promise<void> {
    if (holding) clearTimeout(holding)
    holding = null
    if (underWay >= lanes || waiting.length === 0) return
    const batch = waiting.slice(0, most)
    waiting = waiting.slice(most)
    underWay += 1
    travelling += batch.length
    schedule()
    try {
      const results = await parts.write(batch.map(({ item }) => item))
      for (const [place, one] of batch.entries()) answer(one, results[place] as Result)
    } catch (thrown) {
      for (const one of batch) if (leaves(one)) one.reject(thrown)
    }
    underWay -= 1
    travelling -= batch.length
    schedule()
  }

  function answer(one: Waiting<Item, Result>, result: Result): void {
    if (leaves(one)) one.resolve(result)
    else parts.late(one.item, result)
  }

  /** Whether it still waited for its answer. */
  function leaves(one: Waiting<Item, Result>): boolean {
    const waited = unanswered.has(one)
    unanswered.take(one)
    return waited
  }

  // Counted in looks, since the clock may be set meanwhile.
  function look(): void {
    for (const one of unanswered.items()) one.looks -= 1
    for (const one of unanswered.items().filter(({ looks }) => looks <= 0)) {
      unanswered.take(one)
      one.resolve('too late')
    }
    looking = unanswered.items().length > 0
    if (looking) setTimeout(look, lookEvery)
  }

  return (item, patience) =>
    new Promise((resolve, reject) => {
      const one = { place: 0, item, looks: Math.ceil(patience / lookEvery), resolve, reject }
      waiting.push(one)
      unanswered.put(one)
      if (!looking) setTimeout(look, lookEvery)
      looking = true
      schedule()
    })
}

type Waiting<Item, Result> = Placed & {
  item: Item
  looks: number
  resolve(result: Result | 'too late'): void
  reject(thrown: unknown): void
}
