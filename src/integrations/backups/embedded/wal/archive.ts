import type { EngineContext } from '../../../../backups/engine.js'
import { asShipmateError, failed } from '../../../../errors.js'
import { openReplication, type ReplicationLink } from '../../../postgres/replication.js'
import { inSession } from '../../../postgres/session.js'
import type { Vault } from '../../storage/vault.js'
import { besideOf } from '../../swap/pausing-server.js'
import { type History, parseHistory, parseLsn, parseSegment } from '../../wal/segments.js'
import { emptyShelf, newestSegment, type WalShelf, walShelves } from './shelf.js'
import { createWalSink, isWhole } from './sink.js'
import { streamWal } from './stream.js'

export type WalArchiveParts = {
  database: string
  /** Of a role with REPLICATION. */
  url(): Promise<string>
  slot: string
  vault: Vault
}

/**
 * The WAL in the storage. It comes over the replication protocol with a slot of ours: the server keeps what we have not
 * confirmed, and a segment is confirmed when the storage has given it back. So `kill -9` of us, of the server or of both
 * loses none, no program has to be on the server’s machine, and no `archive_command` needs our folder. The price: while
 * nobody fetches, the server’s disk fills; `max_slot_wal_keep_size` limits that, and then a hole is seen and said.
 */
export type WalArchive = {
  /** All that the server has written until now; null when another process of ours fetches at this moment. */
  catchUp(context: EngineContext): Promise<{ at: bigint } | null>
  /** Goes on fetching until it is aborted; what breaks is tried again. */
  follow(context: EngineContext): Promise<void>
  /** Makes the slot, so that nothing is forgotten from now on; tells whether it was made. */
  ensureSlot(context: EngineContext): Promise<boolean>
}

const partEveryMs = 15_000

export function createWalArchive(parts: WalArchiveParts): WalArchive {
  let turn: Promise<unknown> = Promise.resolve()
  let pause: AbortController | null = null
  let waiting = 0
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work)
    turn = mine.catch(() => {})
    return mine
  }
  /** True: it made way for somebody who wants to catch up. What it held of a segment comes again: the server keeps it. */
  const goOn = (context: EngineContext): Promise<boolean> =>
    inTurn(async () => {
      if (waiting > 0) return true
      const paused = new AbortController()
      pause = paused
      const signal = AbortSignal.any([context.signal, paused.signal])
      try {
        await fetched(parts, { ...context, signal }, true)
        return false
      } catch (error) {
        if (paused.signal.aborted) return true
        throw error
      }
    })
  return {
    async catchUp(context) {
      waiting++
      pause?.abort()
      try {
        return await inTurn(() => fetchedSoon(parts, context))
      } finally {
        waiting--
      }
    },
    async follow(context) {
      for (let failures = 0; !context.signal.aborted; ) {
        try {
          if (await goOn(context)) continue
          failures = 0
        } catch (error) {
          failures++
          if (!context.signal.aborted)
            context.log.warn({ database: parts.database, error }, 'the WAL is not fetched now; trying again')
        }
        await context.clock.sleep(Math.min(30_000, 1_000 * 2 ** failures), context.signal)
      }
    },
    ensureSlot: (context) => linked(parts, context, async (link) => (await slotOf(link, parts.slot)).made),
  }
}

/** A connection that was just cut has the slot until the server notices. */
async function fetchedSoon(parts: WalArchiveParts, context: EngineContext): Promise<{ at: bigint } | null> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const got = await fetched(parts, context, false)
    if (got !== null) return got
    await context.clock.sleep(200, context.signal)
  }
  return null
}

async function linked<T>(
  { database, url }: WalArchiveParts,
  { signal }: EngineContext,
  use: (link: ReplicationLink, url: string) => Promise<T>,
): Promise<T> {
  const opened = async (at: string) => {
    return { link: await openReplication(database, { url: at, connectWithinMs: 5_000, signal }), at }
  }
  const own = await url()
  const { link, at } = await opened(own).catch((thrown) => {
    // A restore keeps everybody out and is about to swap the server: its last WAL is fetched from beside, since it is of all.
    if (asShipmateError(thrown).details?.code !== closed) throw thrown
    return opened(besideOf(own))
  })
  try {
    return await use(link, at)
  } finally {
    await link.end()
  }
}

const closed = '55000'

type Server = {
  systemId: string
  timeline: number
  at: bigint
  /** A moment of the server’s clock before which everything that was committed stands before `at`. */
  atMs: number
  segmentBytes: number
  history: History
  /** By timeline, as the server writes them. */
  histories: Map<number, string>
}

async function fetched(
  parts: WalArchiveParts,
  context: EngineContext,
  goOn: boolean,
  overHole = false,
): Promise<{ at: bigint } | null> {
  try {
    return await linked(parts, context, async (link, url) => {
      const slot = await slotOf(link, parts.slot)
      if (slot.lost) throw thrownAway(parts)
      const server = await serverOf(parts, context, link, url)
      return walked(parts, context, link, server, { reserved: slot.from, goOn, overHole })
    })
  } catch (error) {
    const { came = '' } = asShipmateError(error)
    if (/is active for PID/.test(came)) return null
    // Between what the storage has and what the slot keeps, the server has forgotten some.
    if (!overHole && /has already been removed/.test(came)) return fetched(parts, context, goOn, true)
    throw error
  }
}

type Slot = { from: bigint; made: boolean; lost: boolean }

/** One whose WAL the server threw away keeps nothing any more: it is made anew, so that the hole does not grow. */
async function slotOf(link: ReplicationLink, slot: string): Promise<Slot> {
  const read = async () => (await link.ask(`READ_REPLICATION_SLOT "${slot}"`))[0]
  const found = await read()
  if (found?.restart_lsn) return { from: parseLsn(found.restart_lsn), made: false, lost: false }
  const lost = Boolean(found?.slot_type)
  if (lost) await link.ask(`DROP_REPLICATION_SLOT "${slot}" WAIT`)
  await link.ask(`CREATE_REPLICATION_SLOT "${slot}" PHYSICAL RESERVE_WAL`)
  return { from: parseLsn((await read())?.restart_lsn ?? '0/0'), made: true, lost }
}

/** Told once; from then on the hole is seen in what is there. */
const thrownAway = ({ database, slot }: WalArchiveParts) =>
  failed('wal-lost', `${database} has thrown away WAL that was not fetched yet`, {
    wanted: `all WAL since the last fetch, kept by the slot ${slot}`,
    came: 'the slot was lost: max_slot_wal_keep_size was reached',
    next: 'Take a full backup now, and raise max_slot_wal_keep_size. Moments in between cannot be brought back.',
  })

async function serverOf(
  parts: WalArchiveParts,
  { signal }: EngineContext,
  link: ReplicationLink,
  url: string,
): Promise<Server> {
  const [clock] = await inSession(parts.database, { url }, { signal }, (session) =>
    session.rows<{ ms: number }>('select extract(epoch from clock_timestamp())::float8 * 1000 as ms'),
  )
  const [{ systemid, timeline, xlogpos } = {}] = await link.ask('IDENTIFY_SYSTEM')
  const [{ wal_segment_size: size } = {}] = await link.ask('SHOW wal_segment_size')
  const newest = Number(timeline)
  const histories = new Map<number, string>()
  for (let one = newest; one > 1; one = parseHistory(histories.get(one) ?? '').at(-1)?.timeline ?? 1) {
    const [row] = await link.ask(`TIMELINE_HISTORY ${one}`)
    histories.set(one, row?.content ?? '')
  }
  return {
    systemId: systemid ?? '',
    timeline: newest,
    at: parseLsn(xlogpos ?? '0/0'),
    // A commit that is acknowledged before it is flushed is flushed within a second.
    atMs: Math.floor(clock?.ms ?? 0) - 1_000,
    segmentBytes: bytesIn(size ?? '16MB'),
    history: parseHistory(histories.get(newest) ?? ''),
    histories,
  }
}

const bytesIn = (size: string) => Number.parseInt(size, 10) * (size.endsWith('GB') ? 2 ** 30 : 2 ** 20)

/** From where the storage ends, over every change of the timeline, to where the server is. */
async function walked(
  parts: WalArchiveParts,
  context: EngineContext,
  link: ReplicationLink,
  server: Server,
  { reserved, goOn, overHole }: { reserved: bigint; goOn: boolean; overHole: boolean },
): Promise<{ at: bigint }> {
  const { vault, slot } = parts
  const { signal, clock } = context
  const shelf = (await walShelves(vault.storage, signal)).get(server.systemId) ?? emptyShelf()
  const first = segmentStart(reserved, server.segmentBytes)
  let place: { timeline: number; from: bigint } | null = overHole
    ? { timeline: timelineAt(first, server.timeline, server.history), from: first }
    : await startOf(vault, shelf, server, reserved, signal)
  let at = place.from
  let timeline = place.timeline
  while (place && (goOn || place.from < server.at)) {
    const { from } = place
    timeline = place.timeline
    const until = goOn ? null : server.at
    const sink = createWalSink({ vault, shelf, server, timeline, signal })
    const nowMs = () => clock.now().getTime()
    const options = { slot, timeline, from, segmentBytes: server.segmentBytes, until, partEveryMs, nowMs }
    const end = await streamWal(link, options, sink)
    at = end.at
    place = end.next ? { timeline: end.next.timeline, from: segmentStart(end.next.from, server.segmentBytes) } : null
  }
  if (at >= server.at) await createWalSink({ vault, shelf, server, timeline, signal }).caughtUp(server.at, server.atMs)
  return { at }
}

const segmentStart = (lsn: bigint, bytes: number) => (lsn / BigInt(bytes)) * BigInt(bytes)

/** Where to go on: after the last segment that the storage has given back. */
async function startOf(
  vault: Vault,
  shelf: WalShelf,
  { timeline, history, segmentBytes }: Server,
  reserved: bigint,
  signal: AbortSignal,
): Promise<{ timeline: number; from: bigint }> {
  const first = segmentStart(reserved, segmentBytes)
  const last = newestSegment(shelf, segmentBytes)
  if (!last) return { timeline: timelineAt(first, timeline, history), from: first }
  const kept = parseSegment(last.segment, segmentBytes)
  const end = BigInt(kept.number + 1) * BigInt(segmentBytes)
  const left = history.find((entry) => entry.timeline === kept.timeline)
  if (kept.timeline !== timeline && (!left || left.until < end)) {
    const after = left ? segmentStart(left.until, segmentBytes) : first
    return { timeline: timelineAt(after + BigInt(segmentBytes), timeline, history), from: after }
  }
  // What was put and not confirmed was perhaps not read back: whoever did it was killed in between.
  const doubtful = end > reserved && !(await isWhole(vault, last.name, last.sha256, signal))
  if (!doubtful) return { timeline: kept.timeline, from: end }
  await vault.storage.remove(last.name, signal)
  return { timeline: kept.timeline, from: end - BigInt(segmentBytes) }
}

const timelineAt = (lsn: bigint, newest: number, history: History) =>
  history.find(({ until }) => lsn < until)?.timeline ?? newest
