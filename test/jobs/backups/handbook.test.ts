import { afterEach, describe, expect, test } from 'vitest'
import type { DatabaseStatus } from '../../../src/backups/status.js'
import { replyLines } from '../../../src/cli/drawing/reply-lines.js'
import { usualSettings } from '../../../src/incidents/settings.js'
import type { Chapter, ChapterPeople } from '../../../src/jobs/backups/handbook/chapter.js'
import { writeHandbook } from '../../../src/jobs/backups/handbook/handbook.js'
import type { BackupPolicy } from '../../../src/releases/backups/backup-policy.js'
import { replyMessage } from '../../../src/slack/replies.js'
import { backup, day, drill, hour, policy } from '../../support/backups/backups.js'
import { backedUpText, openPlainPlace, type PlainPlace } from '../../support/backups/plain-place.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn } from '../../support/desk-world.js'

const now = new Date('2026-11-26T14:04:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const people: ChapterPeople = {
  mayRestore: { groups: ['release-managers'], people: [], everyone: false },
  approveRestore: { quorum: 2, groups: ['release-managers'], people: [], requester: 'excluded', expires: 1_800_000 },
  acts: true,
  onCall: { people: ['Ivy', 'Marco'], source: 'main', group: 'engineers' },
}

function chapter(own: Partial<BackupPolicy> = {}, seen: Partial<DatabaseStatus> = {}): Chapter {
  const full = backup(ago(12 * hour))
  const proven = backup(ago(4 * day + 2 * hour), { provenAt: ago(4 * day), provenBy: 481 })
  const status: DatabaseStatus = {
    ...{ database: 'shop', environment: 'prod', engine: 'embedded', cannot: [], zone: 'UTC', limit: 8 * day },
    backups: [backup(ago(34 * 60_000), { kind: 'incremental', parent: full.label }), full, proven],
    drills: [drill(ago(4 * day))],
    samples: [],
    look: {
      ...{ at: now, archive: null, storedBytes: 20e9, freeBytes: 40e9, problem: null },
      spans: [{ from: ago(14 * day), to: ago(60_000) }],
    },
    timetable: policy().schedule,
    troubles: [],
    live: [],
    ...seen,
  }
  return { policy: policy(own), home: { service: 'storefront', environment: 'prod' }, status, people }
}

const written = (chapters: Chapter[], absent: string[] = []) =>
  writeHandbook({ chapters, absent, zone: 'Europe/Rome', now })

describe('the page', () => {
  test('says for each what is meant to be, what is there, what was measured, how it comes back, and who', () => {
    const { markdown } = written([chapter()])
    for (const line of [
      '# Backup handbook of shop',
      '| shop | 26 Nov 2026 15:03 (1 min ago) | 4 days 2 h ago | 12 s | 3 min 24 s |',
      '- full: `0 2 * * *` in Europe/Rome, next 27 Nov 2026 02:00',
      '- kept: the newest 2 fulls, any moment of the last 14 days; always the last proven one and what it needs',
      '- recoverable from 12 Nov 2026 15:04 to 26 Nov 2026 15:03 (1 min ago)',
      '- taking it: took 1 min',
      '| #481 | 22 Nov 2026 15:04 | passed | 12 s | 3 min 24 s | 3.0 GB |',
      'npx shipmate restore-files shop --into /srv/restored/shop/data',
      '- approve it: 2 of @release-managers, never who asks, within 30 min; by hand no program asks them, so write down who agreed',
      '- call for storefront: Ivy, then Marco, then @engineers (main; who is on duty later: /ops oncall)',
    ])
      expect(markdown).toContain(line)
    expect(markdown.split('\n').filter((line) => /^#{1,3} /.test(line))).toEqual([
      '# Backup handbook of shop',
      '## What is missing',
      '## At a glance',
      '## shop',
      '### What is meant to be',
      '### What is there',
      '### What drills measured',
      '### Back with Shipmate',
      '### Back by hand, without Shipmate',
      '### Who',
    ])
  })

  test('never drilled and no backup yet are said as that, at the top and in their place, with what to type', () => {
    const empty = chapter({}, { backups: [], drills: [], look: null })
    const { markdown, gaps } = written([empty], ['Shipmate’s own database is not backed up.'])
    expect(gaps.slice(0, 2)).toEqual([
      'shop has no backup yet. Take one: /backup shop full',
      'shop was never drilled: nobody knows how long a restore takes, or whether one works. Drill it: /restore drill shop',
    ])
    expect(gaps.at(-1)).toBe('Shipmate’s own database is not backed up.')
    expect(markdown).toContain('| shop | **no backup yet** | **no** | **never drilled** | **never drilled** |')
    expect(markdown).toContain('**No backup yet: nothing can be brought back.**')
    expect(markdown).toContain('**There is nothing to bring back yet.**')
    expect(markdown).not.toContain('restore-files')
  })

  test('a damaged backup is none, and a drill that failed measured nothing that is promised', () => {
    const damaged = chapter(
      {},
      {
        backups: [backup(ago(hour), { defects: ['base.tar: changed'] })],
        drills: [drill(ago(hour), { passed: false, verdict: 'it did not start' })],
      },
    )
    const { markdown, gaps } = written([damaged])
    expect(gaps[0]).toBe('shop has no backup yet. Take one: /backup shop full')
    expect(markdown).toContain('**failed**: it did not start')
    expect(markdown).toContain('**never drilled** |')
  })

  test('what is stored unencrypted, has no schedule or goes live by hand only is told', () => {
    const schedule = { full: null, differential: null, incremental: null, drill: null, verify: null }
    expect(written([chapter({ schedule })]).gaps).toEqual([
      'shop is stored unencrypted: whoever reads its storage reads the data.',
      'Nothing backs up shop by itself: there is no schedule.',
      'Restored data of shop goes live by hand only: the operator’s file has no restore for it (docs/operations/restores.md).',
    ])
    const storage = { kind: 'path', path: '/srv/backups', compression: 'auto', encryption: 'env:KEY' } as const
    const restore = { admin: null, swap: { driver: 'database', bin: null }, pause: { driver: 'server' } } as const
    const sound = written([chapter({ restore, engine: { driver: 'embedded', url: null, bin: null, storage } })])
    expect(sound.gaps).toEqual([])
    expect(sound.markdown).toContain('Nothing that Shipmate can see.')
    expect(sound.markdown).toContain('encrypted; the passphrase is the variable KEY in Shipmate’s environment')
  })

  test('text from outside makes no heading and mentions nobody', () => {
    const hostile = chapter(
      {},
      { troubles: [{ kind: 'failing', severity: 'SEV2', title: '# <!channel> @here `rm`', next: '| x |' }] },
    )
    const { markdown } = written([hostile])
    expect(markdown).not.toMatch(/^# <|<!channel>|[^\\]`rm`/m)
  })
})

describe('through the desk, from rows', () => {
  let place: PlainPlace
  let world: DeskWorld
  afterEach(async () => {
    await world.close()
    await place.close()
  })
  const open = async (text = backedUpText()) => {
    place = await openPlainPlace()
    world = await createDeskWorld({ text, backups: place.side })
  }
  const say = (words: string, who = 'U0MARCO') => world.desk.say(words, 'backup', asker(who))
  const page = async (words: string) => {
    const reply = await say(words)
    if (reply.kind !== 'handbook') throw new Error(JSON.stringify(reply))
    return reply
  }

  test('the page follows the rows: nothing, then a backup, then what a drill measured', async () => {
    await open()
    const before = await page('handbook')
    expect(before).toMatchObject({ of: null, name: 'backup-handbook.md' })
    expect(before.gaps).toEqual(
      expect.arrayContaining([
        'shop has no backup yet. Take one: /backup shop full',
        expect.stringContaining('Shipmate’s own database is not backed up'),
      ]),
    )
    await world.ended(acceptedRun(await say('shop full')), 'done')
    const drilled = acceptedRun(await world.desk.say('drill', 'restore', asker('U0MARCO')))
    await world.ended(drilled, 'done')
    const after = await page('handbook shop')
    expect(after).toMatchObject({ of: 'shop', name: 'backup-handbook-shop.md' })
    const [known] = await world.store.backups.backups('shop', 1)
    expect(after.markdown).toContain(`latest full: ${known?.label}`)
    expect(after.markdown).toMatch(new RegExp(`\\| #${drilled} \\| .* \\| passed \\|`))
    expect(after.markdown).toContain(`(#${drilled})`)
    expect(after.gaps.join()).not.toMatch(/never drilled|no backup yet|own database/)
    expect(after.markdown).toContain('approve it: 2 of @release-managers, never who asks')
    // The terminal prints the page itself, so that it can go into a file.
    expect(replyLines(after, now).join('\n')).toBe(after.markdown)
  })

  test('Slack says what is missing, and that the page comes as a file', async () => {
    await open()
    const reply = await page('handbook')
    const { text, blocks } = replyMessage(reply, { now, channelOf: () => null, settings: usualSettings })
    expect(text).toBe('The backup handbook is written; 5 things are missing.')
    const drawn = JSON.stringify(blocks)
    expect(drawn).toContain('⚠ shop has no backup yet')
    expect(drawn).toContain('npx shipmate backup handbook &gt; backup-handbook.md')
  })

  test('a database that is not there is answered, and a page that is no database’s is not made', async () => {
    await open()
    expect(refusalIn(await say('handbook shopp')).what).toContain('Did you mean shop?')
  })
})
