import { expect, test } from 'vitest'
import { type FilesFound, findingsOf } from '../../src/backups/files.js'
import { drillFrom, type Found, figuresOf, judged } from '../../src/backups/findings.js'
import { type Sight, troublesOf } from '../../src/backups/health.js'
import { backup, day, hour, policy } from '../support/backups/backups.js'
import { resticSettings } from '../support/backups/restic-remake.js'

const now = new Date('2026-11-26T12:00:00Z')
const { drill } = policy()

const found = (more: Partial<FilesFound> = {}): Found => ({
  ...findingsOf('uploads', {
    from: backup(now),
    ...{ restoreMs: 2_000, checkMs: 1_000, bytes: 3_000_000, files: 214, looked: 50, problems: [] },
    newestAt: new Date(now.getTime() - hour),
    holds: [],
    ...more,
  }),
  ...{ of: 'files', label: 'c418fed9', at: now, lossMs: 12_000, restoreMs: 2_000, recoveryMs: 0, checkMs: 1_000 },
  bytes: 3_000_000,
})

test('a drill of files is told in words of files', () => {
  expect(figuresOf(found())).toBe('RPO 12 s, RTO 2 s: 3.0 MB, 50 of 214 files, looked at in 1 s')
  expect(judged('structure', found(), drill).summary).toBe('50 of 214 files came back as stored')
  expect(judged('rows', found(), drill).summary).toBe('214 files in the backup')
  expect(judged('newest', found(), drill).summary).toBe('the youngest file was written 1 h before')
  expect(judged('orphans', found(), drill).outcome).toBe('skip')
  expect(judged('invariants', found(), drill).outcome).toBe('skip')
  expect(drillFrom(7, { database: 'uploads', drill }, found())).toMatchObject({ passed: true, rows: 214 })
})

test.each([
  [{ looked: 0 }, 'structure', 'nothing was looked at'],
  [{ files: 0 }, 'rows', 'there is no file in the backup'],
  [{ problems: ['/a came back with another content'] }, 'structure', '1 problem: /a came back with another content'],
  [{ newestAt: null }, 'newest', 'no file tells when it was written'],
  [{ holds: [{ name: 'shop', holds: false, came: 'git fsck' }] }, 'invariants', '"shop" does not hold: git fsck'],
] as const)('%o proves nothing', (more, question, words) => {
  const broken = found(more as Partial<FilesFound>)
  expect(judged(question, broken, drill)).toMatchObject({ outcome: 'fail', summary: words })
  expect(drillFrom(7, { database: 'uploads', drill }, broken)).toMatchObject({ passed: false, verdict: words })
})

const sight = (more: Partial<Sight>): Sight => {
  const uploads = policy({ database: 'uploads', engine: resticSettings('/usr/bin/restic', '/srv/b') })
  const clockwork = { timetable: uploads.schedule, zone: 'UTC', starts: {}, since: new Date(now.getTime() - 30 * day) }
  return { policy: uploads, clockwork, backups: [], drills: [], samples: [], look: null, live: [], ...more }
}
const kindsOf = (more: Partial<Sight>) => troublesOf(sight(more), now).map(({ kind }) => kind)

test('what a backup adds tells nothing where each adds only what is new; what it is of does', () => {
  const nights = [1, 2, 3, 4, 5].map((night) => new Date(now.getTime() - night * day))
  const [last, ...before] = nights.map((at) => backup(at, { storedBytes: 900_000_000, provenAt: at }))
  if (!last) throw new Error('there are nights')
  expect(kindsOf({ backups: [{ ...last, storedBytes: 4_000 }, ...before] })).not.toContain('shrunken')
  expect(kindsOf({ backups: [{ ...last, databaseBytes: 1_000_000_000 }, ...before] })).toContain('shrunken')
})

test('files that nothing proves are told, and no deploy is named', () => {
  const at = new Date(now.getTime() - hour)
  const unproven = troublesOf(sight({ backups: [backup(at)] }), now).find(({ kind }) => kind === 'unproven')
  expect(unproven).toMatchObject({
    title: 'Nothing proves the backups of uploads: no backup of uploads was ever restored in a drill.',
    next: 'Prove one: /restore drill uploads',
  })
})
