const quietFor = 10_000

/** Says it at once, and after that at most every ten seconds, with how often it happened: a flood must not fill the disk. */
export function createSeldom(say: (times: number) => void): () => void {
  let times = 0
  let quiet = false

  function tell(): void {
    quiet = times > 0
    if (!quiet) return
    say(times)
    times = 0
    setTimeout(tell, quietFor).unref()
  }

  return () => {
    times += 1
    if (!quiet) tell()
  }
}
