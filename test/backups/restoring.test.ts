import { describe, expect, test } from 'vitest'
import type { Archive } from '../../src/backups/backup.js'
import {
  beforeChange,
  choiceOf,
  choicesOf,
  expectedDuration,
  momentBefore,
  type Situation,
  windowOfLoss,
} from '../../src/backups/restoring.js'
import { backup, drill } from '../support/backups/backups.js'

const at = (time: string) => new Date(`2026-11-26T${time}Z`)
const clockOf = (moment: Date) => moment.toISOString().slice(11, 19)
const archive: Archive = { lastSegment: null, lastAt: at('14:00:00'), missing: [], failing: null }

const situation = (more: Partial<Situation> = {}): Situation => ({
  held: {
    backups: [backup(at('02:00:00')), backup(at('09:00:00'))],
    spans: [
      { from: at('02:00:00'), to: at('06:00:00') },
      { from: at('09:00:00'), to: at('14:00:00') },
    ],
    archive,
  },
  changes: [{ run: 482, what: 'storefront v1.8.0', began: at('13:02:11.500') }],
  drills: [],
  now: at('14:09:42'),
  shown: clockOf,
  ...more,
})
const time = (moment: string) => ({ kind: 'time', at: at(moment) }) as const

describe('what can be brought back', () => {
  test('a moment within what the archive holds can be had, and its cost is said in words', () => {
    const choice = choiceOf(time('13:00:00'), situation())
    expect(choice).toMatchObject({ refused: null, handedOverFirst: false, loss: 'will lose 1 h 9 min of writes' })
    expect(windowOfLoss(at('14:02:11'), at('14:09:42'), clockOf)).toBe('will lose 7 min 31 s of writes: 14:02:11 → now')
  })

  test('just before a deploy is the last moment before it began to change the database', () => {
    const [change] = situation().changes
    if (!change) throw new Error('there is one')
    expect(momentBefore(change)).toEqual(at('13:02:11.499'))
    const choice = beforeChange(change, situation())
    expect(choice).toMatchObject({ refused: null, title: 'just before #482 (storefront v1.8.0)' })
    expect(choice.point).toEqual({ kind: 'time', at: at('13:02:11.499') })
  })

  test('a moment whose WAL is still on the server can be had once that was handed over', () => {
    expect(choiceOf(time('14:05:00'), situation())).toMatchObject({ refused: null, handedOverFirst: true })
  })

  test('right after the first backup, before anything was archived, what was written since can be had', () => {
    const held = { backups: [backup(at('14:00:00'))], spans: [], archive }
    expect(choiceOf(time('14:05:00'), situation({ held }))).toMatchObject({ refused: null, handedOverFirst: true })
  })

  test('an archive that fails hands nothing over any more', () => {
    const { held } = situation()
    const failing = { ...held, archive: { ...archive, failing: 'no space left' } }
    expect(choiceOf(time('14:05:00'), situation({ held: failing })).refused).toEqual({
      why: 'the archive ends at 14:00:00: no space left',
      next: 'Choose a moment from 02:00:00 to 06:00:00, or 09:00:00 to 14:00:00.',
    })
  })

  test.each([
    ['15:00:00', 'it is in the future'],
    ['01:00:00', 'it is before 02:00:00, where the oldest backup ends'],
    ['07:30:00', 'the WAL from 06:00:00 to 09:00:00 is missing'],
  ])('%s is refused: %s', (moment, why) => {
    expect(choiceOf(time(moment), situation()).refused?.why).toBe(why)
  })

  test('a backup that is not there, and anything without one, is refused with the way forward', () => {
    expect(choiceOf({ kind: 'backup', label: 'nobody' }, situation()).refused?.why).toBe('there is no backup nobody')
    const held = { backups: [], spans: [], archive: null }
    expect(choiceOf({ kind: 'latest' }, situation({ held })).refused).toEqual({
      why: 'there is no backup',
      next: 'Take one: /backup',
    })
  })

  test('without WAL only the ends of backups can be had', () => {
    const held = { backups: [backup(at('09:00:00'))], spans: [], archive: null }
    expect(choiceOf(time('10:00:00'), situation({ held })).refused?.why).toMatch(/only the ends of backups/)
    expect(choiceOf({ kind: 'latest' }, situation({ held }))).toMatchObject({ at: at('09:00:00'), refused: null })
  })

  test('a name is known to the WAL alone, so what it costs is said later', () => {
    const choice = choiceOf({ kind: 'name', name: 'before-exam' }, situation())
    expect(choice).toMatchObject({ at: null, refused: null, title: 'the point "before-exam"' })
    expect(choice.loss).toMatch(/known once it was restored/)
  })

  test('the latest comes first, then before the last changes, then the ends of backups', () => {
    expect(choicesOf(situation()).map(({ title }) => title.slice(0, 22))).toEqual([
      'the latest moment',
      'just before #482 (stor',
      'the end of backup 2026',
      'the end of backup 2026',
    ])
  })
})

describe('how long it takes', () => {
  test('is what drills took, and unknown before the first one', () => {
    expect(expectedDuration([], 1)).toBe('not known, since no restore of it was rehearsed')
    const drills = [1, 2, 3].map((day) =>
      drill(new Date(Date.UTC(2026, 10, day)), { restoreMs: 230_000, recoveryMs: 10_000 }),
    )
    expect(expectedDuration(drills, 3_000_000_000)).toBe('about 4 min, from 3 drills')
  })
})
