/** What `work` brings within `ms`, or 'too late'; `work` goes on. */
export function within<T>(work: Promise<T>, ms: number): Promise<T | 'too late'> {
  return new Promise((resolve, reject) => {
    // Node keeps one list of timers for each duration, so near ones share theirs.
    const timer = setTimeout(resolve, Math.ceil(ms / 100) * 100, 'too late')
    work.then(
      (brought) => {
        clearTimeout(timer)
        resolve(brought)
      },
      (thrown) => {
        clearTimeout(timer)
        reject(thrown)
      },
    )
  })
}
