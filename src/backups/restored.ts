import { shownDuration } from '../releases/durations.js'
import type { RunView } from '../runs/run.js'
import { secondIn } from './window.js'

/** What a restore took, in milliseconds. */
export type RestoreTook = {
  /** From the request until everybody was let in. */
  rtoMs: number
  /** Of that, how long it waited for people. */
  peopleMs: number
  /** From the pause until the first were let in again. */
  pausedMs: number
}

/** What is missing from restored data: all that was written between the moment it is of and the pause. Null: cannot be told. */
export function lostWindow({ run, steps }: RunView): { from: Date; until: Date } | null {
  const point = run.plan?.pinned.point
  if (typeof point !== 'object' || point === null || !('at' in point) || typeof point.at !== 'string') return null
  const until = steps.find(({ key }) => key === 'close')?.endedAt
  return until ? { from: new Date(point.at), until } : null
}

/** What people outside are told of a restore: what is there, what is not, and what they can do. Null: its figures are not known. */
export function lostWords(view: RunView, zone: string): string | null {
  const [lost, took] = [lostWindow(view), tookOf(view)]
  if (!lost || !took) return null
  const [from, until] = [lost.from, lost.until].map(secondIn(zone))
  return [
    `Data of ${view.run.intent.service} was lost and is back as it was at ${from} (${zone}). Everything from before that moment is there.`,
    `What was entered between then and ${until} is missing. If you did something in that time, please look whether it is there, and do it again or write to us if it is not.`,
    `It could not be used for ${shownDuration(took.pausedMs)} while the data was put back.`,
  ].join('\n')
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
