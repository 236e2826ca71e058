import { crc32c } from './crc32c.js'
import { mainData, recordHeader, textIn } from './record-data.js'
import { parseSegment, shownLsn } from './segments.js'

/** What a segment tells about moments. */
export type SegmentMoments = {
  /** The last moment that recovery can be asked to stop at with this segment as its end; null where nothing was committed. */
  last: Date | null
  /** Points that people named, in their order. */
  points: { name: string; at: Date; lsn: bigint }[]
}

const pageBytes = 8192
const shortHeader = 24
const longHeader = 40
const contRecord = 0x0001
const longPage = 0x0002
const overwrittenRecord = 0x0008

const xlogRecords = 0
const transactionRecords = 1
/** Commits and aborts, those of prepared transactions too: recovery to a time looks at these alone. */
const endsOfTransactions = [0x00, 0x20, 0x30, 0x40]
const restorePoint = 0x70
const segmentSwitch = 0x40

/** Reads the moments out of a segment: no program of PostgreSQL is needed, and no server. */
export function momentsIn(segment: Buffer, name: string): SegmentMoments {
  const points: SegmentMoments['points'] = []
  let last: bigint | null = null
  for (const { info, manager, record, lsn } of recordsIn(segment, name)) {
    const data = () => mainData(record.subarray(recordHeader))
    if (manager === transactionRecords && endsOfTransactions.includes(info & 0x70)) {
      const when = data()
      if (when.length >= 8) last = when.readBigInt64LE(0)
    }
    if (manager === xlogRecords && (info & 0xf0) === restorePoint) {
      const point = data()
      if (point.length > 8) points.push({ name: textIn(point.subarray(8)), at: dateOf(point), lsn: lsn() })
    }
  }
  return { last: last === null ? null : justBefore(last), points }
}

/**
 * Reads every byte of a segment: the places of its pages, the checksum of each record that lies whole in it, and that
 * nothing follows where it was ended early. What is wrong first, null where all is as it was written.
 */
export function defectIn(segment: Buffer, name: string): string | null {
  const { number } = parseSegment(name, segment.length)
  let [end, switched]: [Run | null, boolean] = [null, false]
  for (const { manager, info, record, lsn, run, next } of recordsIn(segment, name)) {
    if (crcOf(record) !== record.readUInt32LE(20)) return `the record at ${shownLsn(lsn())} is not as it was written`
    switched = manager === xlogRecords && (info & 0xf0) === segmentSwitch
    end = { ...run, bytes: run.bytes.subarray(next) }
    if (switched) break
  }
  const last = runsIn(segment, number).at(-1)
  if (!last || !end) return 'it holds no record'
  if (switched) return end.bytes.equals(Buffer.alloc(end.bytes.length)) ? null : 'something follows its end'
  if (last.until !== BigInt(number + 1) * BigInt(segment.length))
    return `the page at ${shownLsn(last.until)} is not of this place`
  // Whole, the last record goes on in the next segment.
  const rest = end.bytes
  const goesOn = rest.length < 4 || rest.readUInt32LE(0) > rest.length
  return rest.length === 0 || goesOn ? null : 'a record is not as it was written'
}

type WalRecord = { info: number; manager: number; record: Buffer; lsn(): bigint; run: Run; next: number }

/** The records that lie whole in a segment, in their order. */
function* recordsIn(segment: Buffer, name: string): Generator<WalRecord> {
  for (const run of runsIn(segment, parseSegment(name, segment.length).number)) {
    const { bytes } = run
    for (let at = 0; at + recordHeader <= bytes.length; ) {
      const length = bytes.readUInt32LE(at)
      if (length < recordHeader || at + length > bytes.length) break
      const record = bytes.subarray(at, at + length)
      const [begin, next] = [at, Math.min(at + aligned(length), bytes.length)]
      const lsn = () => lsnOf(run, begin)
      yield { info: bytes.readUInt8(at + 16), manager: bytes.readUInt8(at + 17), record, lsn, run, next }
      at = next
    }
  }
}

/** The bytes of records without the headers of pages, and where each page's part began. */
type Run = { bytes: Buffer; pages: { from: number; lsn: bigint }[]; until: bigint }

/** One, from the first record that begins here; one more where a record was given up and its place written over. */
function runsIn(segment: Buffer, number: number): Run[] {
  const begin = BigInt(number) * BigInt(segment.length)
  const runs: Run[] = []
  let [parts, pages, length, skip]: [Buffer[], Run['pages'], number, number] = [[], [], 0, 0]
  let at = 0
  const over = () => {
    if (pages.length > 0) runs.push({ bytes: Buffer.concat(parts), pages, until: begin + BigInt(at) })
    ;[parts, pages, length] = [[], [], 0]
  }
  for (; at + pageBytes <= segment.length; at += pageBytes) {
    // A page that is not of this place was never written here.
    if (segment.readBigUInt64LE(at + 8) !== begin + BigInt(at)) break
    const info = segment.readUInt16LE(at + 2)
    if (at === 0 && info & contRecord) skip = aligned(segment.readUInt32LE(at + 16))
    if (info & overwrittenRecord) over()
    const from = at + (info & longPage ? longHeader : shortHeader)
    const here = Math.min(skip, at + pageBytes - from)
    skip -= here
    const part = segment.subarray(from + here, at + pageBytes)
    pages.push({ from: length, lsn: begin + BigInt(from + here) })
    parts.push(part)
    length += part.length
  }
  over()
  return runs
}

function lsnOf({ pages }: Run, at: number): bigint {
  const page = pages.findLast(({ from }) => from <= at)
  return page ? page.lsn + BigInt(at - page.from) : 0n
}

/** PostgreSQL counts microseconds from the year 2000. */
const epochMs = Date.UTC(2000, 0, 1)
const dateOf = (data: Buffer) => new Date(epochMs + Number(data.readBigInt64LE(0) / 1000n))
/** Recovery stops only when it sees a later end of a transaction, so the last one's own moment is out of reach. */
const justBefore = (micros: bigint) => new Date(epochMs + Number((micros + 999n) / 1000n) - 1)

const aligned = (length: number) => (length + 7) & ~7
/** What follows the header first, then the header up to the checksum itself. */
const crcOf = (record: Buffer) => crc32c(record.subarray(0, 20), crc32c(record.subarray(recordHeader)))
