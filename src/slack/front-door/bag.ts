/** Knows its own place in the bag, so that taking it out needs no search. */
export type Placed = { place: number }

export type Bag<Item extends Placed> = {
  put(item: Item): void
  take(item: Item): void
  has(item: Item): boolean
  /** In no order. */
  items(): readonly Item[]
}

/**
 * What is there for a moment, thousands of times a second. A Set would do, but V8 keeps every table that a Set outgrew,
 * and all that was in it, until the next full collection: each request was copied twice before it was let go.
 */
export function createBag<Item extends Placed>(): Bag<Item> {
  const items: Item[] = []
  const has = (item: Item) => items[item.place] === item
  return {
    put: (item) => {
      item.place = items.length
      items.push(item)
    },
    take: (item) => {
      if (!has(item)) return
      const last = items.pop()
      if (!last || last === item) return
      items[item.place] = last
      last.place = item.place
    },
    has,
    items: () => items,
  }
}
