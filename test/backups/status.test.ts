import { expect, test } from 'vitest'
import { backupWords, type DatabaseStatus, type Pen, statusLines } from '../../src/backups/status.js'
import { momentIn } from '../../src/backups/window.js'
import { backupListLines, backupScheduleLines, backupsLines } from '../../src/cli/drawing/backup-lines.js'
import { backupListMessage, backupsMessage } from '../../src/slack/replies/backups.js'
import { backup, day, drill, hour, policy } from '../support/backups/backups.js'

const now = new Date('2026-11-26T14:04:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const pen: Pen = { moment: momentIn('UTC'), safe: (text) => text }

function status(more: Partial<DatabaseStatus> = {}): DatabaseStatus {
  const full = backup(ago(12 * hour), { run: 501 })
  const proven = backup(ago(4 * day + 2 * hour), { provenAt: ago(4 * day), provenBy: 481 })
  return {
    ...{ database: 'shop', environment: 'prod', engine: 'pgBackRest', cannot: [], zone: 'UTC', limit: 8 * day },
    backups: [backup(ago(34 * 60_000), { kind: 'incremental', parent: full.label }), full, proven],
    drills: [drill(ago(4 * day))],
    samples: [2, 1, 0].map((days) => ({
      at: ago(days * day),
      storedBytes: 20e9 - days * 2e8,
      freeBytes: 40e9,
      databaseBytes: 3e9,
    })),
    look: {
      ...{ at: now, archive: null, storedBytes: 20e9, freeBytes: 40e9, problem: null },
      spans: [{ from: ago(14 * day), to: ago(60_000) }],
    },
    timetable: policy().schedule,
    troubles: [],
    live: [],
    ...more,
  }
}

test('the card says first what can be recovered, then how it is known', () => {
  expect(statusLines(status(), pen, now).map(({ sign, text }) => `${sign}: ${text}`)).toEqual([
    'done: recoverable from 12 Nov 14:04 to 26 Nov 14:03 (1 min ago)',
    'null: last full 26 Nov 02:04, 1.0 GB of 3.0 GB · last incremental 26 Nov 13:30, 50 MB of 3.0 GB',
    'done: proven: the one of 4 days 2 h ago by the drill of 22 Nov 14:04 (#481), limit 8 days · RPO 12 s, RTO 3 min 24 s',
    'null: cost of the last incremental: took 1 min',
    'null: a restore takes about 3 min 24 s and loses at most 12 s, by the last drill',
    'null: next: incremental 26 Nov 14:30 · full 27 Nov 02:00 · drill 29 Nov 04:00',
    'null: 20 GB stored, grows 200 MB a day · 40 GB free, full in 200 days',
  ])
})

test('what is wrong stands above, with what to type, and what is at work with its progress', () => {
  const troubles = [
    { kind: 'missed', severity: 'SEV2', title: 'It was missed.', next: 'Take one now: /backup shop full' } as const,
  ]
  const live = [
    { run: 512, job: 'backup', kind: 'full', state: 'running', progress: '3.2 of 14 GB, 210 MB/s, 51 s left' },
  ]
  expect(statusLines(status({ troubles: [...troubles], live }), pen, now).slice(0, 3)).toEqual([
    { sign: 'warning', text: 'recoverable from 12 Nov 14:04 to 26 Nov 14:03 (1 min ago)' },
    { sign: 'warning', text: 'It was missed. Take one now: /backup shop full' },
    { sign: 'running', text: '#512 full backup: 3.2 of 14 GB, 210 MB/s, 51 s left' },
  ])
})

test('nothing backed up, nothing proven and nothing seen are told as what they are', () => {
  const empty = status({
    backups: [],
    drills: [],
    samples: [],
    look: null,
    timetable: { ...policy().schedule, full: null, incremental: null, drill: null },
  })
  expect(statusLines(empty, pen, now)).toEqual([
    { sign: 'failed', text: 'nobody has looked yet' },
    { sign: 'warning', text: 'not proven: no drill has restored any of them, limit 8 days' },
    { sign: null, text: 'what a restore costs is not known: no drill has passed yet' },
    { sign: null, text: 'nothing is scheduled' },
  ])
})

test('a backup in the list says whether it was read back, who proved it, and whether it goes', () => {
  const sound = backup(ago(hour), { run: 7, provenAt: ago(60_000), provenBy: 9 })
  expect(backupWords(sound, pen, true)).toEqual({
    sign: 'done',
    text: `${sound.label} · full 26 Nov 13:04 · took 1 min · 1.0 GB of 3.0 GB · read back whole · proven by #9 · #7 · goes with the next rotation`,
  })
  const damaged = backup(ago(hour), { defects: ['base.tar: another hash'] })
  expect(backupWords(damaged, pen, false)).toMatchObject({
    sign: 'failed',
    text: expect.stringMatching(/damaged: base.tar/),
  })
  expect(backupWords(backup(ago(hour), { verifiedAt: null }), pen, false).text).toContain('not read back yet')
})

test('Slack shows moments in the reader’s own time and lets no text from outside mention anybody', () => {
  const hostile = status({ cannot: ['<!channel> It knows no WAL.'] })
  const { text, blocks } = backupsMessage([hostile], now)
  expect(text).toMatch(/^shop: recoverable from 2026-11-12 14:04 UTC/)
  const drawn = JSON.stringify(blocks)
  expect(drawn).toContain('<!date^')
  expect(drawn).toContain('✓')
  expect(drawn).not.toContain('<!channel>')
  expect(drawn).toContain('by hand too: `/backup handbook`')
  const list = backupListMessage(
    { kind: 'backup list', database: 'shop', zone: 'UTC', backups: status().backups, goes: [], more: 3 },
    now,
  )
  expect(JSON.stringify(list)).toContain('… and 3 older ones')
})

test('the terminal says the same in the zone of the file', () => {
  const lines = backupsLines([status({ zone: 'Europe/Rome' })], now)
  expect(lines[0]).toBe('✓ shop in prod · recoverable from 12 Nov 15:04 to 26 Nov 15:03 (1 min ago)')
  expect(lines.slice(-2)).toEqual([
    '  with pgBackRest; times are of Europe/Rome',
    'How each comes back, by hand too: shipmate backup handbook',
  ])
  expect(
    backupListLines({ kind: 'backup list', database: 'shop', zone: 'UTC', backups: [], goes: [], more: 0 }),
  ).toEqual(['There is no backup of shop.'])
  const works = [{ work: 'full', text: '0 2 * * *', next: now, last: null }]
  expect(backupScheduleLines([{ database: 'shop', zone: 'UTC', works, keeps: 'the newest full' }])).toEqual([
    'shop',
    '  full 0 2 * * * (UTC): next 26 Nov 14:04',
    '  keeps the newest full',
  ])
})
