/** How many go at once: two keep both the database and the disk busy; more would only make the groups smaller. */
export const underWay = 2

type Waiting<Item, Result> = { item: Item; done(result: Result | Promise<Result>): void; failed(thrown: unknown): void }

/**
 * What comes while others are under way waits and goes together, so that it shares one commit; alone it goes at once.
 * `send` answers in the order it was given; when it throws, all that went together fail.
 */
export function createGroup<Item, Result>(
  send: (items: Item[]) => Promise<(Result | Promise<Result>)[]>,
  largest = 50,
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = []
  let sending = 0

  async function sendNext(): Promise<void> {
    if (waiting.length === 0 || sending >= underWay) return
    const group = waiting.splice(0, largest)
    sending++
    try {
      const results = await send(group.map(({ item }) => item))
      const settled = group.map(({ done }, n) => {
        const result = results[n] as Result | Promise<Result>
        done(result)
        return Promise.resolve(result).catch(() => {})
      })
      await Promise.all(settled)
    } catch (thrown) {
      for (const { failed } of group) failed(thrown)
    } finally {
      sending--
      void sendNext()
    }
  }

  return (item) =>
    new Promise((done, failed) => {
      waiting.push({ item, done, failed })
      void sendNext()
    })
}
