import { describe, expect, test } from 'vitest'
import type { BackupCost, Change } from '../../src/backups/cost/cost.js'
import { adviceFor, costWords, highIn, newestCost, tookOf, unseenWords } from '../../src/backups/cost/judging.js'
import { statusLines } from '../../src/backups/status.js'
import { momentIn } from '../../src/backups/window.js'
import { backup, hour, policy } from '../support/backups/backups.js'

const minute = 60_000
const now = new Date('2026-11-26T14:04:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const usually = { took: 3 * minute, usual: 170_000 }

const change = (before: number, during: number): Change => ({ before, during })
const felt = (p95: Change | null, errors: Change | null = change(0, 0)): BackupCost => ({
  application: { seen: { service: 'storefront', environment: 'prod', p95, errors } },
  database: null,
})
const shown = (lag: Change | null, kept: Change | null = null): BackupCost => ({
  application: null,
  database: { seen: { looks: 9, lag, slot: kept && { name: 'shipmate_shop', kept } } },
})

describe('in words', () => {
  test('what visitors felt, then how long it took and what is usual', () => {
    expect(costWords(felt(change(212, 230)), usually)).toBe(
      'p95 212 → 230 ms while it ran; took 3 min, usually 2 min 50 s',
    )
    expect(costWords(felt(change(212, 230), change(0.001, 0.004)), { took: 4_000, usual: null })).toBe(
      'p95 212 → 230 ms, errors 0.1 % → 0.4 % while it ran; took 4 s',
    )
    expect(costWords(shown(change(0, 4_000), change(0, 320e6)), usually)).toBe(
      'replicas up to 4 s behind, up to 320 MB of WAL kept by shipmate_shop while it ran; took 3 min, usually 2 min 50 s',
    )
    expect(costWords(null, usually)).toBe('took 3 min, usually 2 min 50 s')
  })

  test('what was not seen is said, and stands for nothing that is well', () => {
    const cost: BackupCost = { application: { why: 'no metrics' }, database: { why: 'it was away' } }
    expect(unseenWords(cost)).toEqual(['no metrics', 'it was away'])
    expect(highIn(cost, usually)).toEqual([])
  })
})

describe('clearly high', () => {
  test.each<[string, BackupCost, RegExp | null]>([
    [
      'p95 half as much again',
      felt(change(212, 480)),
      /^p95 rose from 212 ms to 480 ms \(limit: half as much again, and 50 ms\)$/,
    ],
    ['p95 a little', felt(change(212, 300)), null],
    ['p95 twice of very little', felt(change(10, 30)), null],
    [
      'one failed request more of a hundred',
      felt(change(200, 200), change(0.001, 0.02)),
      /^failed requests rose from 0\.1 % to 2 %/,
    ],
    ['few failed requests', felt(change(200, 200), change(0.001, 0.005)), null],
    ['fewer failed requests', felt(change(200, 200), change(0.5, 0.1)), null],
    ['a replica that fell behind', shown(change(1_000, 45_000)), /^replicas were up to 45 s behind/],
    ['a replica that was behind before', shown(change(60_000, 70_000)), null],
    ['a slot that kept much', shown(null, change(0, 3e9)), /^the slot shipmate_shop kept up to 3\.0 GB of WAL/],
    ['a slot that kept little', shown(null, change(0, 9e8)), null],
  ])('%s', (_what, cost, says) => {
    const [reason, more] = highIn(cost, usually)
    expect(more).toBeUndefined()
    if (says) expect(reason).toMatch(says)
    else expect(reason).toBeUndefined()
  })

  test('twice as long as usual, and a minute; unknown usual is no trend', () => {
    const long = { took: 6 * minute, usual: 170_000 }
    expect(highIn(null, long)).toEqual(['it took 6 min, usually 2 min 50 s (limit: twice the usual, and a minute)'])
    expect(highIn(null, { took: 20_000, usual: 2_000 })).toEqual([])
    expect(highIn(null, { took: hour, usual: null })).toEqual([])
  })

  test('one sentence of advice, that fits the engine and what was seen', () => {
    const high = felt(change(200, 900))
    expect(adviceFor(high, usually, 'embedded')).toBe('Move it to a quieter hour (schedule in the operator’s file).')
    expect(adviceFor(high, usually, 'pgBackRest')).toBe(
      'Move it to a quieter hour (schedule in the operator’s file), or let pgBackRest read from a replica (backup-standby in its file).',
    )
    expect(adviceFor(null, { took: hour, usual: minute }, 'embedded')).toMatch(/^Look what has grown/)
    expect(adviceFor(felt(change(200, 210)), usually, 'embedded')).toBeNull()
  })
})

describe('the trend', () => {
  const took = (ms: number, agoMs: number, kind: 'full' | 'incremental' = 'full') =>
    backup(ago(agoMs), { startedAt: ago(agoMs + ms), kind })

  test('is the median of the last ones of the same kind, once there are three', () => {
    const last = took(3 * minute, hour)
    const before = [2, 3, 4].map((hours) => took(hours * minute, hours * hour))
    expect(tookOf(last, [last, ...before])).toEqual({ took: 3 * minute, usual: 3 * minute })
    expect(tookOf(last, [last, ...before.slice(1)])).toEqual({ took: 3 * minute, usual: null })
    const increments = [1, 2, 3].map((seconds) => took(seconds * 1_000, seconds * hour, 'incremental'))
    expect(tookOf(last, [last, ...increments])).toEqual({ took: 3 * minute, usual: null })
  })

  test('the newest one that is there tells', () => {
    expect(newestCost([])).toBeNull()
    const gone = backup(ago(1_000), { goneAt: now })
    const there = backup(ago(hour), { cost: felt(change(1, 2)) })
    expect(newestCost([gone, there])?.backup).toBe(there)
  })
})

test('/backup status says it in one line, with the advice where it is high', () => {
  const lines = (cost: BackupCost | null) =>
    statusLines(
      {
        ...{ database: 'shop', environment: 'prod', engine: 'pgBackRest', cannot: [], zone: 'UTC', limit: null },
        ...{ backups: [backup(ago(hour), { cost })], drills: [], samples: [], look: null, troubles: [], live: [] },
        timetable: policy().schedule,
      },
      { moment: momentIn('UTC'), safe: (text) => text },
      now,
    ).filter(({ text }) => text.startsWith('cost of'))
  expect(lines(felt(change(212, 230)))).toEqual([
    { sign: null, text: 'cost of the last full: p95 212 → 230 ms while it ran; took 1 min' },
  ])
  expect(lines(felt(change(212, 900)))).toMatchObject([
    { sign: 'warning', text: expect.stringMatching(/^cost of the last full: p95 rose from 212 ms.* quieter hour/) },
  ])
  expect(lines({ application: { why: 'what visitors felt is not measured' }, database: null })).toEqual([
    { sign: null, text: 'cost of the last full: took 1 min; what visitors felt is not measured' },
  ])
})
