import type { Storage, Stored } from '../../storage/storage.js'
import type { Vault } from '../../storage/vault.js'
import { type Archived, timelineOf } from '../../wal/continuity.js'
import { type History, parseHistory, parseSegment } from '../../wal/segments.js'

/**
 * A segment of the WAL as it is kept. Its name tells what else would need a file of its own: the digest of its bytes, the
 * last end of a transaction in it, and how much of it there is while the server still writes to it.
 */
export type KeptSegment = {
  /** PostgreSQL’s name. */
  segment: string
  sha256: string
  /** Milliseconds since 1970; 0 where nothing ended. */
  lastMs: number
  /** Bytes that are there; null when it is whole. */
  used: number | null
  /** Name in the storage, with its endings. */
  name: string
  storedBytes: number
  at: Date
}

/** A point that somebody named in the database. */
export type NamedPoint = { name: string; lsn: bigint; timeline: number; atMs: number; stored: string }

/** A moment at which everything that the server had written was in the storage. */
export type Seen = { lsn: bigint; timeline: number; atMs: number; stored: string }

/** What is kept of the WAL of one cluster. */
export type WalShelf = {
  /** By PostgreSQL’s name: whole where it is there whole, else the longest part. */
  segments: Map<string, KeptSegment>
  /** Parts that a longer one or the whole replaces. */
  outdated: KeptSegment[]
  /** By timeline, with the moment when it began. */
  histories: Map<number, { stored: string; beganMs: number }>
  points: NamedPoint[]
  seen: Seen | null
  outdatedSeen: Seen[]
}

export const folderOf = (systemId: string) => `wal/${systemId}`

export const segmentName = ({ segment, sha256, lastMs, used }: Omit<KeptSegment, 'name' | 'storedBytes' | 'at'>) =>
  `${segment}.${sha256}.${lastMs}${used === null ? '' : `.${used}`}`
export const historyName = (timeline: number, beganMs: number) => `${hex(timeline, 8)}.history.${beganMs}`
export const pointName = ({ name, lsn, timeline, atMs }: Omit<NamedPoint, 'stored'>) =>
  `point.${hex(lsn, 16)}.${timeline}.${atMs}.${Buffer.from(name).toString('hex')}`
export const seenName = ({ lsn, timeline, atMs }: Omit<Seen, 'stored'>) => `seen.${hex(lsn, 16)}.${timeline}.${atMs}`

/** The shelves of all clusters that ever were behind this database, by the id of the cluster. */
export async function walShelves(storage: Storage, signal: AbortSignal): Promise<Map<string, WalShelf>> {
  const shelves = new Map<string, WalShelf>()
  for (const one of await storage.list('wal/', signal)) {
    const [, systemId = '', file = ''] = one.name.split('/')
    const shelf = shelves.get(systemId) ?? emptyShelf()
    shelves.set(systemId, shelf)
    place(shelf, one, file)
  }
  return shelves
}

export const emptyShelf = (): WalShelf => ({
  segments: new Map(),
  outdated: [],
  histories: new Map(),
  points: [],
  seen: null,
  outdatedSeen: [],
})

function place(shelf: WalShelf, one: Stored, file: string): void {
  const segment = /^([0-9A-F]{24})\.([0-9a-f]{64})\.(\d+)(?:\.(\d+))?(?:\.[a-z]+)*$/.exec(file)
  if (segment) placeSegment(shelf, one, segment)
  const history = /^([0-9A-F]{8})\.history\.(\d+)/.exec(file)
  if (history) {
    const [, timeline = '', began = '0'] = history
    shelf.histories.set(Number.parseInt(timeline, 16), { stored: one.name, beganMs: Number(began) })
  }
  const found = /^(point|seen)\.([0-9A-F]{16})\.(\d+)\.(\d+)(?:\.([0-9a-f]+))?(?:\.|$)/.exec(file)
  if (!found) return
  const [, kind, lsn, timeline, at, name = ''] = found
  const where = { lsn: BigInt(`0x${lsn}`), timeline: Number(timeline), atMs: Number(at), stored: one.name }
  if (kind === 'point') shelf.points.push({ ...where, name: Buffer.from(name, 'hex').toString('utf8') })
  else placeSeen(shelf, where)
}

function placeSegment(shelf: WalShelf, one: Stored, found: RegExpExecArray): void {
  const [, segment = '', sha256 = '', last = '0', used] = found
  const kept: KeptSegment = {
    segment,
    sha256,
    lastMs: Number(last),
    used: used === undefined ? null : Number(used),
    name: one.name,
    storedBytes: one.bytes,
    at: one.at,
  }
  const before = shelf.segments.get(segment)
  const [better, worse] = before && reach(before) >= reach(kept) ? [before, kept] : [kept, before]
  shelf.segments.set(segment, better)
  if (worse) shelf.outdated.push(worse)
}

const reach = ({ used }: KeptSegment) => used ?? Number.POSITIVE_INFINITY

function placeSeen(shelf: WalShelf, seen: Seen): void {
  const [newer, older] = shelf.seen && shelf.seen.atMs >= seen.atMs ? [shelf.seen, seen] : [seen, shelf.seen]
  shelf.seen = newer
  if (older) shelf.outdatedSeen.push(older)
}

/** As what follows segments wants it; timelines that began later than that moment are left out. */
export async function listingOf(
  vault: Vault,
  shelf: WalShelf,
  segmentBytes: number,
  signal: AbortSignal,
  until = Number.POSITIVE_INFINITY,
): Promise<{ segments: Archived[]; histories: Map<number, History>; segmentBytes: number }> {
  const histories = new Map<number, History>()
  for (const [timeline, { stored, beganMs }] of shelf.histories)
    if (beganMs <= until) histories.set(timeline, parseHistory(String(await vault.read({ name: stored }, signal))))
  const known = ({ segment }: KeptSegment) => (shelf.histories.get(timelineOf(segment))?.beganMs ?? 0) <= until
  // By what stands in them, wherever the storage was copied to since.
  const segments = [...shelf.segments.values()].filter(known).map(({ segment, at, lastMs, storedBytes }) => ({
    name: segment,
    at: lastMs > 0 ? new Date(lastMs) : at,
    bytes: storedBytes,
  }))
  return { segments, histories, segmentBytes }
}

/** The whole segment that was archived last: of the newest timeline, then by its number. */
export function newestSegment(shelf: WalShelf, segmentBytes: number): KeptSegment | null {
  let newest: KeptSegment | null = null
  for (const one of shelf.segments.values())
    if (one.used === null && (!newest || isAfter(one, newest, segmentBytes))) newest = one
  return newest
}

function isAfter(one: KeptSegment, other: KeptSegment, segmentBytes: number): boolean {
  const [a, b] = [parseSegment(one.segment, segmentBytes), parseSegment(other.segment, segmentBytes)]
  return a.timeline === b.timeline ? a.number > b.number : a.timeline > b.timeline
}

const hex = (value: number | bigint, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0')
