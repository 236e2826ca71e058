import type { Timetable } from '../releases/backups/backup-policy.js'
import { shownDuration } from '../releases/durations.js'
import { type Backup, documentsOf } from './backup.js'
import { adviceFor, costWords, highIn, newestCost, unseenWords } from './cost/judging.js'
import { daysUntilFull, growthOf, type Sample } from './growth.js'
import type { Trouble } from './health.js'
import { type Drill, isThere, type KnownBackup, type LastLook, recoveryTime } from './known.js'
import { expectedOf, expectedWords, newestProven } from './proof.js'
import { comingUp } from './schedule.js'
import { shownBytes } from './sizes.js'
import { type ShowMoment, windowWords } from './window.js'

/** How the backups of one database stand, for a card. */
export type DatabaseStatus = {
  database: string
  environment: string
  engine: string
  /** What its engine cannot do, in sentences. */
  cannot: string[]
  backups: KnownBackup[]
  drills: Drill[]
  samples: Sample[]
  look: LastLook | null
  timetable: Timetable
  zone: string
  /** The age that a proven one may have; null where no deploy asks. */
  limit: number | null
  troubles: Trouble[]
  live: { run: number; job: string; kind: string | null; state: string; progress: string | null }[]
}

/** How a face writes moments and what came from outside. */
export type Pen = { moment: ShowMoment; safe(text: string): string }

export type StatusLine = { sign: 'done' | 'running' | 'warning' | 'failed' | null; text: string }

/** The card: what can be had again first, what is wrong next, then how it is known. */
export function statusLines(status: DatabaseStatus, pen: Pen, now: Date): StatusLine[] {
  const held = { backups: status.backups.filter(isThere), spans: status.look?.spans ?? [] }
  const ago = (at: Date) => shownDuration(Math.max(0, now.getTime() - at.getTime()))
  const window = status.look || held.backups.length > 0 ? windowWords(held, now, pen.moment) : 'nobody has looked yet'
  return [
    { sign: signOf(status, held.backups), text: window },
    ...status.troubles.map(({ title, next }): StatusLine => {
      return { sign: 'warning', text: `${pen.safe(title)} ${pen.safe(next)}` }
    }),
    ...status.live.map((one): StatusLine => {
      const what = one.kind ? `${one.kind} ${one.job}` : one.job
      return { sign: 'running', text: `#${one.run} ${what}: ${pen.safe(one.progress ?? one.state)}` }
    }),
    ...plain([lastWords(held.backups, pen)]),
    provenLine(status, pen, ago),
    ...documentLines(held.backups, pen),
    ...costLines(status, pen),
    ...plain([
      expectedWords(expectedOf(status.drills, newest(held.backups)?.databaseBytes ?? 0)),
      nextWords(status, pen, now),
      growthWords(status),
      ...status.cannot.map(pen.safe),
    ]),
  ]
}

const plain = (lines: (string | null)[]): StatusLine[] =>
  lines.flatMap((text) => (text === null ? [] : [{ sign: null, text }]))

function signOf({ troubles }: DatabaseStatus, held: KnownBackup[]): StatusLine['sign'] {
  if (held.length === 0) return 'failed'
  return troubles.some(({ severity }) => severity === 'SEV2') ? 'warning' : 'done'
}

const newest = (backups: KnownBackup[]): KnownBackup | null =>
  backups.reduce<KnownBackup | null>((last, one) => (last && last.endedAt >= one.endedAt ? last : one), null)

function lastWords(held: KnownBackup[], pen: Pen): string | null {
  const full = newest(held.filter(({ kind }) => kind === 'full'))
  const other = newest(held.filter(({ kind }) => kind !== 'full'))
  const said = [full, other].flatMap((one) =>
    one ? [`last ${one.kind} ${pen.moment(one.endedAt)}, ${sizeOf(one)}`] : [],
  )
  return said.length === 0 ? null : said.join(' · ')
}

const sizeOf = ({ storedBytes, databaseBytes }: Backup) => `${shownBytes(storedBytes)} of ${shownBytes(databaseBytes)}`

function provenLine({ backups, drills, limit }: DatabaseStatus, pen: Pen, ago: (at: Date) => string): StatusLine {
  const proven = newestProven(backups)
  const wanted = limit === null ? '' : `, limit ${shownDuration(limit)}`
  if (!proven) return { sign: 'warning', text: `not proven: no drill has restored any of them${wanted}` }
  const drill = drills.find(({ run }) => run === proven.provenBy)
  const figures = drill ? ` · RPO ${shownDuration(drill.lossMs)}, RTO ${shownDuration(recoveryTime(drill))}` : ''
  const when = proven.provenAt ? ` by the drill of ${pen.moment(proven.provenAt)}` : ''
  const by = proven.provenBy === null ? '' : ` (#${proven.provenBy})`
  return { sign: 'done', text: `proven: the one of ${ago(proven.endedAt)} ago${when}${by}${wanted}${figures}` }
}

/** Links that lead nowhere and runbooks that nobody has looked at, as the newest backup found them. */
const documentLines = (held: KnownBackup[], pen: Pen): StatusLine[] =>
  (newest(held)?.notes ?? [])
    .filter((note) => note.startsWith(documentsOf))
    .map((note) => ({ sign: 'warning', text: pen.safe(note) }))

/** What the newest one cost whoever uses the database, and what was not seen of that. */
function costLines({ backups, engine }: DatabaseStatus, pen: Pen): StatusLine[] {
  const newest = newestCost(backups)
  if (!newest) return []
  const { backup, cost, took } = newest
  const advice = adviceFor(cost, took, engine)
  const unseen = unseenWords(cost).map((why) => `; ${pen.safe(why)}`)
  const words = advice ? `${highIn(cost, took).join(', ')}. ${advice}` : costWords(cost, took)
  return [
    { sign: advice ? 'warning' : null, text: `cost of the last ${backup.kind}: ${pen.safe(words)}${unseen.join('')}` },
  ]
}

function nextWords({ timetable, zone }: DatabaseStatus, pen: Pen, now: Date): string {
  const coming = comingUp(timetable, zone, now)
  if (coming.length === 0) return 'nothing is scheduled'
  return `next: ${coming.map(({ work, at }) => `${work} ${pen.moment(at)}`).join(' · ')}`
}

function growthWords({ samples, look }: DatabaseStatus): string | null {
  if (!look) return null
  const growth = growthOf(samples)
  const days = daysUntilFull(samples)
  const grows = growth === null ? '' : growth > 0 ? `, grows ${shownBytes(growth)} a day` : ', does not grow'
  const free = look.freeBytes === null ? 'how much is free cannot be told' : `${shownBytes(look.freeBytes)} free`
  const full = days === null ? '' : `, full in ${shownDays(days)}`
  return `${shownBytes(look.storedBytes)} stored${grows} · ${free}${full}`
}

function shownDays(days: number): string {
  if (days < 1) return 'less than a day'
  if (days >= 730) return 'more than two years'
  return Math.floor(days) === 1 ? 'a day' : `${Math.floor(days)} days`
}

/** "✓ full 26 Nov 02:03 · 1.2 GB of 3.0 GB · read back · proven by #480". */
export function backupWords(one: KnownBackup, pen: Pen, goes: boolean): StatusLine {
  const wrong = [...one.defects, ...one.faults]
  const facts = [
    `${one.kind} ${pen.moment(one.endedAt)}`,
    `took ${shownDuration(one.endedAt.getTime() - one.startedAt.getTime())}`,
    sizeOf(one),
    one.verifiedAt && wrong.length === 0 ? 'read back whole' : null,
    one.verifiedAt === null && wrong.length === 0 ? 'not read back yet' : null,
    one.provenAt ? `proven${one.provenBy === null ? '' : ` by #${one.provenBy}`}` : null,
    one.run === null ? null : `#${one.run}`,
    goes ? 'goes with the next rotation' : null,
    ...wrong.slice(0, 2).map((what) => `damaged: ${pen.safe(what)}`),
  ].filter((fact): fact is string => fact !== null)
  const text = `${pen.safe(one.label)} · ${facts.join(' · ')}`
  return { sign: wrong.length > 0 ? 'failed' : one.provenAt ? 'done' : null, text }
}
