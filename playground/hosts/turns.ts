/** Runs calls with the same name one after the other. */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>()
  return <T>(name: string, call: () => Promise<T>): Promise<T> => {
    const mine = (last.get(name) ?? Promise.resolve()).then(call, call)
    last.set(name, mine)
    const tidy = () => {
      if (last.get(name) === mine) last.delete(name)
    }
    mine.then(tidy, tidy)
    return mine
  }
}
