import type { ReplicationLink } from '../../../postgres/replication.js'
import { parseLsn, segmentAt, shownLsn } from '../../wal/segments.js'

/** What a stream hands over, in order. */
export type WalSink = {
  /** Kept and read back when it resolves: only then is the server told that it may forget the segment. */
  whole(segment: Buffer, number: number): Promise<void>
  /** What there is of the segment that the server writes now. */
  part(bytes: Buffer, number: number): Promise<void>
  /** Everything that the server had written at that moment of its clock was handed over before. */
  caughtUp(lsn: bigint, serverMs: number): Promise<void>
}

export type WalStreamOptions = {
  slot: string
  timeline: number
  /** Begin of a segment. */
  from: bigint
  segmentBytes: number
  /** Ends when it has got this far; null: goes on until it is broken off. */
  until: bigint | null
  /** Going on: how often the part of a segment that is still written to is handed over. */
  partEveryMs: number
  nowMs(): number
}

/** The timeline that follows and where it begins, when this one has ended. */
export type WalStreamEnd = { next: { timeline: number; from: bigint } | null; at: bigint }

const dataKind = 'w'.charCodeAt(0)
const pulseKind = 'k'.charCodeAt(0)
const since2000 = Date.UTC(2000, 0, 1)
/** The server gives up on whoever says nothing for a minute. */
const tellEveryMs = 5_000

/** Receives the WAL of one timeline, cut into its segments. */
export async function streamWal(
  link: ReplicationLink,
  options: WalStreamOptions,
  sink: WalSink,
): Promise<WalStreamEnd> {
  const { slot, timeline, from, segmentBytes, until, partEveryMs, nowMs } = options
  const flow = link.receive(`START_REPLICATION SLOT "${slot}" PHYSICAL ${shownLsn(from)} TIMELINE ${timeline}`)
  let segment = Buffer.alloc(segmentBytes)
  let [at, kept] = [from, from]
  let partAt = nowMs()
  let partEnd = from
  const tell = (answer: boolean) => flow.send(status(kept, at, nowMs(), answer))
  const timer = setInterval(() => tell(true), tellEveryMs)
  timer.unref()

  const used = () => Number(at % BigInt(segmentBytes))
  const part = async () => {
    if (used() > 0 && partEnd !== at) await sink.part(segment.subarray(0, used()), segmentAt(at, segmentBytes))
    ;[partEnd, partAt] = [at, nowMs()]
  }
  const take = async (data: Buffer) => {
    for (let read = 0; read < data.length; ) {
      const some = Math.min(data.length - read, segmentBytes - used())
      data.copy(segment, used(), read, read + some)
      const number = segmentAt(at, segmentBytes)
      at += BigInt(some)
      read += some
      if (used() !== 0) continue
      await sink.whole(segment, number)
      segment = Buffer.alloc(segmentBytes)
      kept = at
      partEnd = at
      tell(false)
    }
  }
  try {
    for await (const message of flow.parts as AsyncIterable<Buffer>) {
      const isData = message[0] === dataKind
      if (isData) await take(message.subarray(25))
      else if (message[0] !== pulseKind) continue
      const serverEnd = message.readBigUInt64BE(isData ? 9 : 1)
      const serverMs = since2000 + Number(message.readBigInt64BE(isData ? 17 : 9) / 1000n)
      if (until !== null && at >= until) {
        flow.finish()
      } else if (until === null && nowMs() - partAt >= partEveryMs) {
        await part()
        if (at >= serverEnd) await sink.caughtUp(at, serverMs)
      }
      if (!isData && message[17] === 1) tell(false)
    }
    await part()
  } finally {
    clearInterval(timer)
  }
  const [row] = flow.answers.at(-1) ?? []
  const next = row?.next_tli ? { timeline: Number(row.next_tli), from: parseLsn(row.next_tli_startpos ?? '0/0') } : null
  return { next, at }
}

function status(kept: bigint, received: bigint, nowMs: number, answer: boolean): Buffer {
  const bytes = Buffer.alloc(34)
  bytes.write('r')
  bytes.writeBigUInt64BE(received, 1)
  bytes.writeBigUInt64BE(kept, 9)
  bytes.writeBigUInt64BE(kept, 17)
  bytes.writeBigInt64BE(BigInt(nowMs - since2000) * 1000n, 25)
  bytes.writeUInt8(answer ? 1 : 0, 33)
  return bytes
}
