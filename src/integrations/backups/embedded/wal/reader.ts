import { mainData, recordHeader, textIn } from '../../wal/record-data.js'

/** What of the WAL tells where recovery can stop. */
export type WalEvent =
  /** The end of a transaction: recovery to a time looks at these alone. */
  | { kind: 'commit'; at: bigint; lsn: bigint }
  | { kind: 'point'; name: string; at: bigint; lsn: bigint }
  /** A checkpoint or the end of a recovery: the server’s clock, to the second. */
  | { kind: 'clock'; at: bigint; lsn: bigint }

/** Reads WAL in order; a record that began in one segment is told with the one that it ends in. */
export type WalReader = {
  /** Throws RangeError where the bytes are not the WAL of this place. */
  read(segment: Buffer, begin: bigint): WalEvent[]
  /** Where the last record begins and where it ends. */
  last(): { begin: bigint; end: bigint } | null
}

const pageBytes = 8192
const longPage = 0x0002
const continues = 0x0001

/**
 * A reader of the records’ headers, the same from PostgreSQL 13 to 18 (access/xlogrecord.h, xlog_internal.h). It holds
 * whole only the few records that tell a time, so that a segment takes milliseconds.
 */
export function createWalReader(): WalReader {
  let open: Open | null = null
  let expected: bigint | null = null
  let last: { begin: bigint; end: bigint } | null = null
  return {
    last: () => last,
    read(segment, begin) {
      const events: WalEvent[] = []
      if (expected !== begin) open = null
      expected = begin + BigInt(segment.length)
      // Nothing is known of the record that this one begins in the middle of.
      let skip = open ? 0 : continuation(segment)
      let idle = false
      for (let page = 0; page < segment.length && !idle; page += pageBytes) {
        const lsn = begin + BigInt(page)
        const end = Math.min(segment.length, page + pageBytes)
        if (!isPage(segment, page, lsn)) break
        let at = page + ((segment.readUInt16LE(page + 2) & longPage) !== 0 ? 40 : 24)
        const over = Math.min(skip, end - at)
        at += over
        skip -= over
        if (skip > 0) continue
        // Records begin at multiples of eight; one that goes on from the page before does not end at one.
        while (at < end) {
          if (!open) {
            at = aligned(at)
            if (at + 4 > end) break
            const length = segment.readUInt32LE(at)
            if (length < recordHeader) {
              idle = true
              break
            }
            open = { begin: begin + BigInt(at), length, read: 0, head: Buffer.alloc(recordHeader), body: null }
          }
          at += take(open, segment.subarray(at, end))
          if (open.read < open.length) continue
          last = { begin: open.begin, end: begin + BigInt(at) }
          const event = eventOf(open)
          if (event) events.push(event)
          open = null
        }
      }
      if (idle) open = null
      return events
    },
  }
}

type Open = { begin: bigint; length: number; read: number; head: Buffer; body: Buffer | null }

const aligned = (at: number) => (at + 7) & ~7

function continuation(segment: Buffer): number {
  return segment.readUInt16LE(2) & continues ? segment.readUInt32LE(16) : 0
}

/** A zero page was never written; one of another place is what a recycled file held before. */
const isPage = (segment: Buffer, page: number, lsn: bigint) =>
  segment.length >= page + 24 && segment.readUInt16LE(page) !== 0 && segment.readBigUInt64LE(page + 8) === lsn

function take(open: Open, bytes: Buffer): number {
  const wanted = Math.min(bytes.length, open.length - open.read)
  const part = bytes.subarray(0, wanted)
  if (open.read < recordHeader) part.copy(open.head, open.read, 0, Math.min(wanted, recordHeader - open.read))
  const before = open.read
  open.read += wanted
  if (open.body === null && before <= recordHeader && open.read >= recordHeader && tellsTime(open.head))
    open.body = Buffer.alloc(open.length)
  if (open.body) {
    if (before < recordHeader) open.head.copy(open.body)
    part.copy(open.body, before)
  }
  return wanted
}

const xlog = 0
const transactions = 1
/** Commit, abort, and those of prepared transactions. */
const ends = [0x00, 0x20, 0x30, 0x40]
const named = 0x70
/** At shutdown, online, and at the end of a recovery. */
const shutdownCheckpoint = 0x00
const onlineCheckpoint = 0x10
const endOfRecovery = 0x90

function tellsTime(head: Buffer): boolean {
  const [info, manager] = [head.readUInt8(16), head.readUInt8(17)]
  if (manager === transactions) return ends.includes(info & 0x70)
  return manager === xlog && [named, shutdownCheckpoint, onlineCheckpoint, endOfRecovery].includes(info & 0xf0)
}

function eventOf({ head, body, begin: lsn }: Open): WalEvent | null {
  const data = body ? mainData(body.subarray(recordHeader)) : null
  if (!data || data.length < 8) return null
  const [info, manager] = [head.readUInt8(16), head.readUInt8(17)]
  if (manager === transactions) return { kind: 'commit', at: moment(data, 0), lsn }
  switch (info & 0xf0) {
    case named:
      return { kind: 'point', name: textIn(data.subarray(8)), at: moment(data, 0), lsn }
    case endOfRecovery:
      return { kind: 'clock', at: moment(data, 0), lsn }
    default:
      // struct CheckPoint: its time, in seconds since 1970, is the same place in 13 to 18.
      return data.length < 72 ? null : { kind: 'clock', at: data.readBigInt64LE(64) * 1_000_000n, lsn }
  }
}

/** PostgreSQL counts microseconds from the year 2000; we, as everybody else, from 1970. */
const since2000 = BigInt(Date.UTC(2000, 0, 1)) * 1000n
const moment = (data: Buffer, at: number) => data.readBigInt64LE(at) + since2000
