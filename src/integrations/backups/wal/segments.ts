/** A position in the WAL as PostgreSQL writes it: "0/3000028". */
export type Lsn = string

export function parseLsn(lsn: Lsn): bigint {
  const [high, low] = lsn.split('/')
  return (BigInt(`0x${high || '0'}`) << 32n) | BigInt(`0x${low || '0'}`)
}

export const shownLsn = (at: bigint): Lsn => `${hex(at >> 32n)}/${hex(at & 0xffffffffn)}`

/** What a server that nobody told otherwise writes in one segment. */
export const usualSegmentBytes = 16 * 1024 * 1024

export const isSegment = (name: string): boolean => /^[0-9A-F]{24}$/.test(name)

export type Segment = { timeline: number; number: number }

export function parseSegment(name: string, bytes = usualSegmentBytes): Segment {
  const each = 0x100000000 / bytes
  const [timeline, high, low] = [0, 8, 16].map((from) => Number.parseInt(name.slice(from, from + 8), 16))
  return { timeline: timeline ?? 0, number: (high ?? 0) * each + (low ?? 0) }
}

export function segmentName({ timeline, number }: Segment, bytes = usualSegmentBytes): string {
  const each = 0x100000000 / bytes
  return [timeline, Math.floor(number / each), number % each].map(eightDigits).join('')
}

/** The number of the segment that holds this position. */
export const segmentAt = (lsn: bigint, bytes = usualSegmentBytes): number => Number(lsn / BigInt(bytes))

/** The number of the segment that holds the last byte before this position. */
export const segmentBefore = (lsn: bigint, bytes = usualSegmentBytes): number => segmentAt(lsn - 1n, bytes)

/** Where a timeline came from: each forefather with the position where the next one left it; oldest first. */
export type History = { timeline: number; until: bigint }[]

export function parseHistory(text: string): History {
  return text.split('\n').flatMap((line) => {
    const [, timeline, until] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/i.exec(line) ?? []
    return timeline && until ? [{ timeline: Number(timeline), until: parseLsn(until) }] : []
  })
}

const hex = (value: bigint) => value.toString(16).toUpperCase()
const eightDigits = (value: number) => value.toString(16).toUpperCase().padStart(8, '0')
