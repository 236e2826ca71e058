/** Entries by number, the newest ten thousand kept. */
export type Log<Entry extends { seq: number }> = {
  add(entry: Omit<Entry, 'seq'>): Entry
  /** Every entry with a number above `seq`. */
  since(seq: number): Entry[]
  find(seq: number): Entry | undefined
  clear(): void
}

const KEPT = 10_000

export function createLog<Entry extends { seq: number }>(): Log<Entry> {
  let entries: Entry[] = []
  let last = 0
  return {
    add(fields) {
      last += 1
      const entry = { ...fields, seq: last } as Entry
      entries.push(entry)
      if (entries.length > KEPT * 1.2) entries = entries.slice(-KEPT)
      return entry
    },
    since: (seq) => entries.filter((entry) => entry.seq > seq),
    find: (seq) => entries.find((entry) => entry.seq === seq),
    clear: () => {
      entries = []
    },
  }
}
