import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Backup } from '../../../src/backups/backup.js'
import { chosen } from '../../../src/integrations/backups/wal/choice.js'
import {
  type Listing,
  missingFor,
  missingIn,
  reachesOf,
  spansOf,
} from '../../../src/integrations/backups/wal/continuity.js'
import { crc32c } from '../../../src/integrations/backups/wal/crc32c.js'
import type { SegmentMoments } from '../../../src/integrations/backups/wal/records.js'
import {
  parseHistory,
  parseLsn,
  parseSegment,
  segmentName,
  shownLsn,
  usualSegmentBytes,
} from '../../../src/integrations/backups/wal/segments.js'

const lsn = (segment: number, offset = 40) => shownLsn(BigInt(segment) * BigInt(usualSegmentBytes) + BigInt(offset))
const at = (second: number) => new Date(Date.UTC(2026, 10, 26, 12, 0, second))
const names = (timeline: number, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => segmentName({ timeline, number: from + index }))
const listed = (...segments: string[]) => segments.map((name) => ({ name, at: at(0), bytes: usualSegmentBytes }))

function backup(label: string, start: number, stop: number, timeline = 1): Backup {
  const moments = { startedAt: at(start), endedAt: at(stop) }
  const sizes = { databaseBytes: 1, storedBytes: 1, run: null, faults: [] }
  return { label, kind: 'full', parent: null, ...moments, ...sizes, startLsn: lsn(start), stopLsn: lsn(stop), timeline }
}

const bySegment = async ([newest]: string[]) => (newest ? at(parseSegment(newest).number) : null)

/** Archived in this order, one each second. */
const archivedOn = (...runs: string[][]) =>
  runs.flat().map((name, index) => ({ name, at: at(index + 1), bytes: usualSegmentBytes }))

/** The last moment in a segment is that of its archiving. */
function askingOf(backups: Backup[], listing: Listing) {
  const last = (name = '') => listing.segments.find((one) => one.name === name)?.at ?? null
  return {
    spans: () => spansOf(reachesOf(backups, listing), async ([newest]) => last(newest)),
    moments: async (name: string): Promise<SegmentMoments> => ({ last: last(name), points: [] }),
    progress() {},
  }
}

test('an archive without a hole is one span from the first backup to its last commit', async () => {
  const backups = [backup('a', 2, 2), backup('b', 5, 6)]
  const reaches = reachesOf(backups, { segments: listed(...names(1, 1, 9)), histories: new Map() })
  expect(missingIn(reaches)).toEqual([])
  expect(await spansOf(reaches, bySegment)).toEqual([{ from: at(2), to: at(9) }])
})

test('a hole ends the span before it; the next one begins at the first backup after it', async () => {
  const segments = names(1, 1, 12).filter((name) => name !== segmentName({ timeline: 1, number: 4 }))
  const reaches = reachesOf([backup('a', 2, 2), backup('b', 6, 6), backup('c', 8, 8)], {
    segments: listed(...segments),
    histories: new Map(),
  })
  expect(missingIn(reaches)).toEqual(['000000010000000000000004'])
  expect(await spansOf(reaches, bySegment)).toEqual([
    { from: at(2), to: at(3) },
    { from: at(6), to: at(12) },
  ])
})

test('a hole inside a backup leaves it without a span, and says what it lacks', async () => {
  const segments = names(1, 1, 5).filter((name) => name !== segmentName({ timeline: 1, number: 3 }))
  const [reach] = reachesOf([backup('a', 2, 4)], { segments: listed(...segments), histories: new Map() })
  expect(reach && missingFor(reach)).toEqual(['000000010000000000000003'])
  expect(await spansOf(reach ? [reach] : [], bySegment)).toEqual([])
})

test('a timeline that a way back has left is not followed by the backup that was taken after it', async () => {
  const histories = new Map([[2, parseHistory(`1\t${lsn(6, 4096)}\tno recovery target specified\n`)]])
  const listing = { segments: archivedOn(names(1, 1, 7), names(2, 6, 7), names(1, 8, 12)), histories }
  const backups = [backup('before', 2, 2), backup('after', 8, 9)]
  expect(reachesOf(backups, listing).map(({ timeline }) => timeline)).toEqual([1, 1])
  const asking = askingOf(backups, listing)
  const held = { backups, listing }
  expect(await chosen({ kind: 'latest' }, held, asking)).toMatchObject({ backup: { label: 'after' }, timeline: 1 })
  const label = { kind: 'backup', label: 'before' } as const
  expect(await chosen(label, held, asking)).toMatchObject({ backup: { label: 'before' }, timeline: 1 })
})

test('of moments before, within and after what was taken back, each is reached along what lived then, with no backup since', async () => {
  const histories = new Map([[2, parseHistory(`1\t${lsn(4, 4096)}\tno recovery target specified\n`)]])
  // Segment 4 to 6 were written; then 4 on a timeline of its own, to 5; then the first one went on.
  const listing = { segments: archivedOn(names(1, 1, 6), names(2, 4, 5), names(1, 7, 9)), histories }
  const backups = [backup('a', 1, 1)]
  const held = { backups, listing }
  const asking = askingOf(backups, listing)
  expect(await asking.spans()).toEqual([{ from: at(1), to: at(11) }])
  const along = async (second: number) => (await chosen({ kind: 'time', at: at(second) }, held, asking)).timeline
  expect([await along(3), await along(5), await along(8), await along(10)]).toEqual([1, 1, 2, 1])
  expect(await chosen({ kind: 'latest' }, held, asking)).toMatchObject({ timeline: 1 })
  // Taken of what was left: it leads to nothing that goes on.
  const left = { ...held, backups: [...backups, backup('left', 5, 5, 2)] }
  expect(await chosen({ kind: 'latest' }, left, asking)).toMatchObject({ backup: { label: 'a' } })
  expect(reachesOf(left.backups, listing).map(({ timeline }) => timeline)).toEqual([1, 2])
})

test('of the segments of one second, which is all that a repository tells, the segment says whether the moment is in it', async () => {
  const histories = new Map([[2, parseHistory(`1\t${lsn(4, 4096)}\tno recovery target specified\n`)]])
  const listing = { segments: archivedOn(names(1, 1, 6), names(2, 4, 5)), histories }
  const backups = [backup('a', 1, 1)]
  const later = (ms: number) => new Date(at(6).getTime() + ms)
  // Handed over at 0.4 s, swapped, and written to at 0.6 s.
  const end = new Map([
    [names(1, 6, 6)[0], later(400)],
    [names(2, 4, 4)[0], later(1_000)],
  ])
  const own = askingOf(backups, listing)
  const moments = async (name: string) => ({ last: end.get(name) ?? (await own.moments(name)).last, points: [] })
  const along = async (ms: number) =>
    (await chosen({ kind: 'time', at: later(ms) }, { backups, listing }, { ...own, moments })).timeline
  expect([await along(300), await along(600)]).toEqual([1, 2])
})

test('a name that was given on a timeline that was left is found there', async () => {
  const histories = new Map([[2, parseHistory(`1\t${lsn(4, 4096)}\tno recovery target specified\n`)]])
  const listing = { segments: archivedOn(names(1, 1, 6), names(2, 4, 9)), histories }
  const backups = [backup('a', 1, 1)]
  const point = { name: 'before_restore_7', at: at(5), lsn: parseLsn(lsn(6)) }
  const moments = async (name: string) => ({
    last: at(1),
    points: name === segmentName({ timeline: 1, number: 6 }) ? [point] : [],
  })
  const asking = { ...askingOf(backups, listing), moments }
  const way = await chosen({ kind: 'name', name: point.name }, { backups, listing }, asking)
  expect(way).toMatchObject({ backup: { label: 'a' }, timeline: 1 })
})

test('the archive is followed onto a new timeline, whose first segment stands for the one that was left', async () => {
  const histories = new Map([[2, parseHistory(`1\t${lsn(6, 4096)}\tno recovery target specified\n`)]])
  const segments = listed(...names(1, 1, 5), ...names(2, 6, 9))
  const reaches = reachesOf([backup('a', 2, 2)], { segments, histories })
  expect(reaches[0]?.segments.at(-1)).toBe(segmentName({ timeline: 2, number: 9 }))
  expect(missingIn(reaches)).toEqual([])
})

test('a backup that was taken after the old timeline was left stays on the old one', async () => {
  const histories = new Map([[2, parseHistory(`1\t${lsn(4, 4096)}\tno recovery target specified\n`)]])
  const segments = listed(...names(1, 1, 8), ...names(2, 4, 9))
  const [reach] = reachesOf([backup('a', 6, 7)], { segments, histories })
  expect(reach?.segments.at(-1)).toBe(segmentName({ timeline: 1, number: 8 }))
})

test('every hole is found, wherever and however many', () => {
  const holes = fc.uniqueArray(fc.integer({ min: 2, max: 40 }), { maxLength: 8 })
  fc.assert(
    fc.property(holes, (lost) => {
      const gone = lost.map((number) => segmentName({ timeline: 1, number })).sort()
      const segments = listed(...names(1, 1, 41).filter((name) => !gone.includes(name)))
      expect(missingIn(reachesOf([backup('a', 1, 1)], { segments, histories: new Map() }))).toEqual(gone)
    }),
  )
})

test('names, numbers and positions of segments say the same, over the end of a log file too', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 1, max: 2 ** 40 - 1 }), (timeline, number) => {
      expect(parseSegment(segmentName({ timeline, number }))).toEqual({ timeline, number })
      const position = BigInt(number) * BigInt(usualSegmentBytes)
      expect(parseLsn(shownLsn(position))).toBe(position)
    }),
  )
  expect(segmentName({ timeline: 1, number: 256 })).toBe('000000010000000100000000')
})

test('the checksum is Castagnoli’s, in one go or in parts', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const [whole, at] = [Buffer.from(bytes), Math.min(cut, bytes.length)]
      expect(crc32c(whole.subarray(at), crc32c(whole.subarray(0, at)))).toBe(crc32c(whole))
    }),
  )
})
