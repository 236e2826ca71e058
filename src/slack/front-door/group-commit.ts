/**
 * Gathers what waits and writes it together: at once while fewer than `lanes` writes are under way, else with the next
 * one that ends. With `gatherMs`, for what nobody waits for, it takes that long to gather more. A write that fails fails
 * for all of its items.
 */
export function createGroupCommit<Item, Result>(
  write: (items: Item[]) => Promise<Result[]>,
  { lanes, most, gatherMs = 0 }: { lanes: number; most: number; gatherMs?: number },
): GroupCommit<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let underWay = 0
  let scheduled = false

  // One turn later, so that everything that arrived in this turn of the loop travels together.
  function schedule(): void {
    if (scheduled || underWay >= lanes || waiting.length === 0) return
    scheduled = true
    const begin = () => {
      scheduled = false
      void send()
    }
    if (gatherMs > 0 && waiting.length < most) setTimeout(begin, gatherMs)
    else setImmediate(begin)
  }

  async function send(): Promise<void> {
    const batch = waiting.slice(0, most)
    waiting = waiting.slice(most)
    underWay += 1
    try {
      const results = await write(batch.map(({ item }) => item))
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result)
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown)
    } finally {
      underWay -= 1
      schedule()
    }
    schedule()
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      schedule()
    })
}

export type GroupCommit<Item, Result> = (item: Item) => Promise<Result>

type Waiting<Item, Result> = { item: Item; resolve(result: Result): void; reject(thrown: unknown): void }
