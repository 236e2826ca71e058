import { parseSegment, type Segment } from './segments.js'

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
const recordHeader = 24
const contRecord = 0x0001
const longPage = 0x0002

const xlogRecords = 0
const transactionRecords = 1
/** Commits and aborts, those of prepared transactions too: recovery to a time looks at these alone. */
const endsOfTransactions = [0x00, 0x20, 0x30, 0x40]
const restorePoint = 0x70

/** Reads the moments out of a segment: no program of PostgreSQL is needed, and no server. */
export function momentsIn(segment: Buffer, name: string): SegmentMoments {
  const { bytes, offsets } = payload(segment, parseSegment(name, segment.length))
  const points: SegmentMoments['points'] = []
  let last: bigint | null = null
  for (let at = 0; at + recordHeader <= bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    if (length < recordHeader || at + length > bytes.length) break
    const [info, manager] = [bytes.readUInt8(at + 16), bytes.readUInt8(at + 17)]
    const data = () => mainData(bytes.subarray(at + recordHeader, at + length))
    if (manager === transactionRecords && endsOfTransactions.includes(info & 0x70)) {
      const when = data()
      if (when.length >= 8) last = when.readBigInt64LE(0)
    }
    if (manager === xlogRecords && (info & 0xf0) === restorePoint) {
      const point = data()
      if (point.length > 8) points.push({ name: text(point.subarray(8)), at: dateOf(point), lsn: lsnOf(offsets, at) })
    }
    at += aligned(length)
  }
  return { last: last === null ? null : justBefore(last), points }
}

type Payload = { bytes: Buffer; offsets: { from: number; lsn: bigint }[] }

/** The records without the headers of pages, from the first record that begins here. */
function payload(segment: Buffer, { number }: Segment): Payload {
  const begin = BigInt(number) * BigInt(segment.length)
  const parts: Buffer[] = []
  const offsets: Payload['offsets'] = []
  let [skip, length] = [0, 0]
  for (let at = 0; at + pageBytes <= segment.length; at += pageBytes) {
    // A page that is not of this place was never written here.
    if (segment.readBigUInt64LE(at + 8) !== begin + BigInt(at)) break
    const info = segment.readUInt16LE(at + 2)
    if (at === 0 && info & contRecord) skip = aligned(segment.readUInt32LE(at + 16))
    const from = at + (info & longPage ? longHeader : shortHeader)
    const here = Math.min(skip, at + pageBytes - from)
    skip -= here
    const part = segment.subarray(from + here, at + pageBytes)
    if (part.length === 0) continue
    offsets.push({ from: length, lsn: begin + BigInt(from + here) })
    parts.push(part)
    length += part.length
  }
  return { bytes: Buffer.concat(parts), offsets }
}

function lsnOf(offsets: Payload['offsets'], at: number): bigint {
  const page = offsets.findLast(({ from }) => from <= at)
  return page ? page.lsn + BigInt(at - page.from) : 0n
}

/** The data of a record that touches no block: small parts before it say where it came from. */
function mainData(record: Buffer): Buffer {
  for (let at = 0; at < record.length; ) {
    const id = record.readUInt8(at)
    if (id === 255) return record.subarray(at + 2, at + 2 + record.readUInt8(at + 1))
    if (id === 254) return record.subarray(at + 5, at + 5 + record.readUInt32LE(at + 1))
    if (id === 253) at += 3
    else if (id === 252) at += 5
    else break
  }
  return Buffer.alloc(0)
}

/** PostgreSQL counts microseconds from the year 2000. */
const epochMs = Date.UTC(2000, 0, 1)
const dateOf = (data: Buffer) => new Date(epochMs + Number(data.readBigInt64LE(0) / 1000n))
/** Recovery stops only when it sees a later end of a transaction, so the last one's own moment is out of reach. */
const justBefore = (micros: bigint) => new Date(epochMs + Number((micros + 999n) / 1000n) - 1)

const aligned = (length: number) => (length + 7) & ~7
const text = (data: Buffer) => data.subarray(0, data.indexOf(0) === -1 ? data.length : data.indexOf(0)).toString('utf8')
