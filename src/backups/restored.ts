import type { RunView } from '../runs/run.js'

/** What a restore took, in milliseconds. */
export type RestoreTook = {
  /** From the request until everybody was let in. */
  rtoMs: number
  /** Of that, how long it waited for people. */
  peopleMs: number
  /** From the pause until the first were let in again. */
  pausedMs: number
}

const openings = ['open-read-only', 'open-canary', 'open-all']

/** Null while not everybody is let in. */
export function tookOf({ run, steps }: RunView): RestoreTook | null {
  const step = (key: string) => steps.find((one) => one.key === key)
  const ended = (key: string) => step(key)?.endedAt?.getTime() ?? null
  const all = ended('open-all')
  const closed = step('close')?.startedAt?.getTime()
  if (all === null || closed === undefined) return null
  const opened = Math.min(...openings.flatMap((key) => ended(key) ?? []))
  const asked = step('approve')?.startedAt?.getTime() ?? null
  const answered = ended('approve')
  const peopleMs = asked !== null && answered !== null ? answered - asked : 0
  return { rtoMs: all - run.createdAt.getTime(), peopleMs, pausedMs: opened - closed }
}
