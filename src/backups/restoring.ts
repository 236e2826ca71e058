import { shownDuration } from '../releases/durations.js'
import type { Holding, RestorePoint } from './backup.js'
import type { Drill } from './known.js'
import { expectedOf } from './proof.js'
import { latestMoment, type ShowMoment } from './window.js'

/** A run that changed the database, by the first thing that it did there. */
export type PastChange = { run: number; what: string; began: Date }

/** What restores are chosen from: what the storage holds, what changed the database, and how long drills took. */
export type Situation = {
  held: Pick<Holding, 'backups' | 'spans' | 'archive'>
  /** Newest first. */
  changes: PastChange[]
  drills: Drill[]
  now: Date
  shown: ShowMoment
}

/** A moment that can be asked for, with the words people choose by; `refused` says why it cannot be had. */
export type Choice = {
  point: RestorePoint
  title: string
  /** Null where only the server's WAL knows it: a name, an LSN. */
  at: Date | null
  /** It is so young that its WAL is still on the server: that is handed over first. */
  handedOverFirst: boolean
  loss: string
  refused: { why: string; next: string } | null
}

/** The last moment before a run began to change the database: what it did first is not in it. */
export const momentBefore = ({ began }: PastChange): Date => new Date(began.getTime() - 1)

/** What people usually want, the youngest first; what cannot be had stays among them with the reason. */
export function choicesOf(situation: Situation): Choice[] {
  const { held, changes } = situation
  const before = changes.map((change) => beforeChange(change, situation))
  const ends = [...held.backups]
    .sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime())
    .map((backup) => choiceOf({ kind: 'backup', label: backup.label }, situation))
  return [choiceOf({ kind: 'latest' }, situation), ...before, ...ends]
}

export const beforeChange = (change: PastChange, situation: Situation): Choice => ({
  ...choiceOf({ kind: 'time', at: momentBefore(change) }, situation),
  title: `just before #${change.run} (${change.what})`,
})

/** One point with what it costs, or why it cannot be had. */
export function choiceOf(point: RestorePoint, situation: Situation): Choice {
  const at = momentOf(point, situation)
  const refused = refusalOf(point, at, situation)
  return {
    point,
    title: titleOf(point, situation),
    at,
    handedOverFirst: refused === null && at !== null && isYoung(at, situation),
    loss: at === null ? 'how much is lost is known once it was restored' : lossWords(at, situation.now),
    refused,
  }
}

function momentOf(point: RestorePoint, { held, now }: Situation): Date | null {
  if (point.kind === 'time') return point.at
  // With an archive that works, the newest WAL is handed over first, so that nothing is lost but what was never written.
  if (point.kind === 'latest') return handsOver(held) ? now : latestMoment(held)
  if (point.kind === 'backup') return held.backups.find(({ label }) => label === point.label)?.endedAt ?? null
  return null
}

function titleOf(point: RestorePoint, { shown }: Situation): string {
  if (point.kind === 'latest') return 'the latest moment'
  if (point.kind === 'time') return shown(point.at)
  if (point.kind === 'name') return `the point "${point.name}"`
  return point.kind === 'lsn' ? `WAL position ${point.lsn}` : `the end of backup ${point.label}`
}

const handsOver = ({ archive, backups }: Situation['held']) =>
  archive !== null && archive.failing === null && backups.length > 0

/** After the end of what the archive holds, while the server goes on handing over. */
function isYoung(at: Date, { held, now }: Situation): boolean {
  // Right after the first backup nothing was written yet that could be had again.
  const last = held.spans.at(-1)?.to ?? held.backups.at(-1)?.endedAt
  return last !== undefined && at > last && at <= now && handsOver(held)
}

function refusalOf(point: RestorePoint, at: Date | null, situation: Situation): Choice['refused'] {
  const { held, now, shown } = situation
  const next = reachable(situation)
  const no = (why: string) => ({ why, next })
  if (held.backups.length === 0) return { why: 'there is no backup', next: 'Take one: /backup' }
  if (point.kind === 'backup') return at === null ? no(`there is no backup ${point.label}`) : null
  if (point.kind === 'latest') return null
  if (held.archive === null && held.spans.length === 0) return no('without WAL only the ends of backups can be had')
  if (at === null) return null
  if (at > now) return no('it is in the future')
  if (held.spans.some(({ from, to }) => from <= at && at <= to) || isYoung(at, situation)) return null
  const [first] = held.spans
  if (first && at < first.from) return no(`it is before ${shown(first.from)}, where the oldest backup ends`)
  const before = held.spans.findLast(({ to }) => to < at)
  const after = held.spans.find(({ from }) => from > at)
  if (before && after) return no(`the WAL from ${shown(before.to)} to ${shown(after.from)} is missing`)
  const why = held.archive?.failing ? `: ${held.archive.failing}` : ''
  return no(`the archive ends at ${before ? shown(before.to) : 'an earlier moment'}${why}`)
}

function reachable({ held, shown }: Situation): string {
  const spans = held.spans.slice(-3).map(({ from, to }) => `${shown(from)} to ${shown(to)}`)
  if (spans.length > 0) return `Choose a moment from ${spans.join(', or ')}.`
  const last = held.backups.at(-1)
  return last ? `Choose the end of a backup, such as ${last.label}.` : 'Take a backup first: /backup'
}

/** "will lose 7 min 31 s of writes"; only the newest moment itself, for which all WAL is handed over, loses nothing. */
export function lossWords(at: Date, now: Date): string {
  const ms = now.getTime() - at.getTime()
  if (ms <= 0) return 'loses nothing that was committed'
  return `will lose ${ms < 1_000 ? 'less than a second' : shownDuration(ms)} of writes`
}

/** "will lose 7 min 31 s of writes: 26 Nov 14:02:11 → now". */
export const windowOfLoss = (at: Date, now: Date, shown: ShowMoment): string =>
  `${lossWords(at, now)}${at < now ? `: ${shown(at)} → now` : ''}`

/** "about 4 min, from 3 drills": until the data is back and accepts connections; verification and people come on top. */
export function expectedDuration(drills: Drill[], bytes: number): string {
  const expected = expectedOf(drills, bytes)
  if (!expected) return 'not known, since no restore of it was rehearsed'
  const from = expected.from === 1 ? '1 drill' : `${expected.from} drills`
  return `about ${shownDuration(expected.recoveryMs)}, from ${from}`
}
