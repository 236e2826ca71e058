import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BackupEngine } from '../../../src/backups/engine.js'
import type { Reply } from '../../../src/commands/reply.js'
import { headLine } from '../../../src/slack/cards/head.js'
import { backedUpText, openPlainPlace, type PlainPlace } from '../../support/backups/plain-place.js'
import {
  acceptedRun,
  asker,
  createDeskWorld,
  type DeskOptions,
  type DeskWorld,
  refusalIn,
  shown,
} from '../../support/desk-world.js'

let place: PlainPlace
let world: DeskWorld

const open = async (more = '', options: DeskOptions = {}) => {
  world = await createDeskWorld({ text: backedUpText(more), backups: place.side, ...options })
}
beforeEach(async () => {
  place = await openPlainPlace()
})
afterEach(async () => {
  await world.close()
  await place.close()
})

const say = (command: string, words: string, who = 'U0MARCO'): Promise<Reply> =>
  world.desk.say(words, command, asker(who))
const ran = async (command: string, words: string, end: Parameters<DeskWorld['ended']>[1] = 'done') =>
  world.ended(acceptedRun(await say(command, words)), end)
const evidence = (view: Awaited<ReturnType<typeof ran>>, key: string) =>
  view.steps.find((step) => step.key === key)?.evidence?.summary

describe('taking a backup', () => {
  test('it is stored, read back, and told with its size; the next one is an increment that needs it', async () => {
    await open()
    const first = await ran('backup', 'shop full')
    expect(evidence(first, 'take')).toMatch(/^full, \d+ B stored of \d+ B, in/)
    expect(evidence(first, 'read-back')).toMatch(/^read back whole: 2 files/)
    expect(evidence(first, 'rotate')).toBe('all 1 stay')
    const second = await ran('backup', '')
    expect(second.run.plan?.headline.notes).toEqual(['incremental, with plain files'])
    const [last, full] = await world.store.backups.backups('shop', 5)
    expect(last).toMatchObject({ kind: 'incremental', parent: full?.label, run: second.run.id, defects: [] })
    expect(full).toMatchObject({ kind: 'full', run: first.run.id, provenAt: null })
    expect(full?.verifiedAt).toBeInstanceOf(Date)
  })

  test('an increment without anything to build on is a full one, and says why', async () => {
    await open()
    const { run } = await ran('backup', 'shop incremental')
    expect(run.plan?.headline.notes).toEqual([
      'full instead of incremental, with plain files',
      'there is no sound full backup to build on yet',
    ])
    const view = await world.store.desk.view(run.id)
    expect(view && headLine(view)).toBe('🟢 Full backup of *shop* in *prod* is stored, and was read back.')
    expect(view && headLine({ ...view, run: { ...view.run, plan: null, state: 'planning' } })).toBe(
      '🔵 backup of *shop* in *prod* · planning',
    )
  })

  test('a place that somebody locked keeps nobody from backing it up', async () => {
    await open()
    await say('ops', 'lock prod because exam week')
    await ran('backup', 'shop full')
  })

  test('who may not is refused, and so is a database that nobody backs up', async () => {
    await open()
    expect(refusalIn(await say('backup', 'shop', 'U0IVY'))).toMatchObject({ code: 'may-not' })
    expect(refusalIn(await say('backup', 'shopp'))).toMatchObject({
      what: 'There is no database "shopp" that is backed up. Did you mean shop?',
    })
  })

  test('two at once stand in line', async () => {
    await open()
    await place.set('slow')
    const first = acceptedRun(await say('backup', 'shop full'))
    await world.until(first, 'takes it', ({ steps }) =>
      steps.some(({ key, state }) => key === 'take' && state === 'running'),
    )
    const second = await say('backup', 'shop full')
    expect(second).toMatchObject({ kind: 'accepted', run: { ahead: 1 } })
    await place.lift('slow')
    await world.ended(acceptedRun(second), 'done')
  })

  test('where people are asked, they are; the schedule asks nobody', async () => {
    await open('', {
      text: backedUpText().replace(
        '      rollback:\n        quorum: 0',
        '      backup:\n        quorum: 1\n        groups: [release-managers]\n      rollback:\n        quorum: 0',
      ),
    })
    const run = acceptedRun(await say('backup', 'shop full'))
    const view = await world.asks(run)
    await world.desk.press({ name: 'approve', ...shown(view) }, asker('U0MINA'))
    await world.ended(run, 'done')
  })
})

describe('what went wrong is never green', () => {
  test('a server that does not answer refuses it before anything begins', async () => {
    await open()
    await place.set('away')
    const view = await ran('backup', 'shop full', 'refused')
    expect(view.run.reason?.text).toBe('the server does not answer')
    expect(await readdir(place.storage)).toEqual([])
  })

  test('one that stored nothing and says it worked has failed', async () => {
    await open()
    await place.set('empty')
    const view = await ran('backup', 'shop full', 'undone')
    expect(view.run.reason?.text).toBe('The backup of shop cannot be counted on: it is empty')
  })

  test('a disk that is full in the middle leaves nothing half-done behind', async () => {
    await open()
    const { engines } = place.side
    // What the gate sees is free; it is full when it is written.
    const roomy = async (database: string): Promise<BackupEngine> => {
      const engine = await engines(database)
      return { ...engine, holding: async (context) => ({ ...(await engine.holding(context)), freeBytes: 1e9 }) }
    }
    await world.close()
    await open('', { backups: { ...place.side, engines: roomy } })
    await place.set('full')
    const view = await ran('backup', 'shop full', 'undone')
    expect(view.run.reason?.text).toBe('no space left on device')
    expect(await readdir(place.storage)).toEqual([])
    expect(await world.store.backups.backups('shop', 5)).toEqual([])
  })

  test('a byte that flips while it is written is found by reading back', async () => {
    await open()
    const { engines } = place.side
    const unlucky = async (database: string): Promise<BackupEngine> => {
      const engine = await engines(database)
      return {
        ...engine,
        take: async (order, context) => {
          const backup = await engine.take(order, context)
          const path = join(place.storage, backup.label, 'orders.jsonl')
          const content = await readFile(path)
          content[3] = (content[3] ?? 0) ^ 1
          await writeFile(path, content)
          return backup
        },
      }
    }
    await world.close()
    await open('', { backups: { ...place.side, engines: unlucky } })
    const view = await ran('backup', 'shop full', 'failed')
    expect(view.run.reason?.text).toMatch(/is damaged: .*orders.jsonl: another hash/)
    const [last] = await world.store.backups.backups('shop', 1)
    expect(last?.defects).toHaveLength(1)
    // Nothing builds on a damaged one.
    const next = await say('backup', 'shop incremental')
    expect((await world.ended(acceptedRun(next), 'failed')).run.plan?.headline.notes[0]).toBe(
      'full instead of incremental, with plain files',
    )
  })

  test('reading everything back names what is damaged', async () => {
    await open()
    await ran('backup', 'shop full')
    await ran('backup', 'shop full')
    expect(evidence(await ran('backup', 'verify'), 'verify')).toMatch(/^all 2 backups read back whole: 4 files/)
    const [label = ''] = (await readdir(place.storage)).sort()
    await writeFile(join(place.storage, label, 'orders.jsonl'), 'nonsense')
    const view = await ran('backup', 'verify', 'failed')
    expect(view.run.reason).toMatchObject({ details: { code: 'backup-damaged' } })
    expect((await world.store.backups.backups('shop', 5)).map(({ defects }) => defects.length)).toEqual([0, 1])
  })
})

describe('a drill', () => {
  const invariants =
    '    drill:\n      tables: [orders]\n      newest: { table: orders, column: at, within: 1h }\n      invariants:\n        - { name: there are customers, sql: count customers, min: 1 }\n'

  test('that passes proves its backup, tells RPO and RTO, and leaves no scratch', async () => {
    await open(invariants)
    await ran('backup', 'shop full')
    const view = await ran('restore', 'drill')
    expect(view.steps.filter(({ step }) => step.verb === 'check').map(({ key, state }) => `${key} ${state}`)).toEqual(
      ['there', 'structure', 'rows', 'orphans', 'newest', 'invariants', 'figures'].map((key) => `${key} passed`),
    )
    expect(evidence(view, 'figures')).toMatch(/^RPO .*, RTO .*: \d+ B, 1 table, 1 row, looked at in/)
    const [proven] = await world.store.backups.backups('shop', 1)
    expect(proven).toMatchObject({ provenBy: view.run.id })
    expect(await readdir(place.yard)).toEqual([])
    const status = await say('backup', 'status', 'U0IVY')
    expect(status).toMatchObject({ kind: 'backups', databases: [{ database: 'shop', engine: 'plain files' }] })
  })

  test.each([
    [
      'rows that refer to nothing',
      [{ id: 1, of: 9, at: new Date().toISOString() }],
      'orphans',
      '1 orphan in orders_of_fkey',
    ],
    ['a table that is empty', [], 'rows', 'orders came back empty'],
    ['data that is old', [{ id: 1, of: 1, at: '2026-01-01T00:00:00Z' }], 'newest', 'the newest row of orders was'],
  ])('with %s proves nothing, fails, and is remembered', async (_what, orders, key, words) => {
    await open(invariants)
    await place.write('orders', orders)
    await ran('backup', 'shop full')
    const view = await ran('restore', 'drill', 'failed')
    expect(evidence(view, key)).toContain(words)
    const [drill] = await world.store.backups.drills('shop', 1)
    expect(drill).toMatchObject({ run: view.run.id, passed: false })
    expect(drill?.verdict).toContain(words)
    expect((await world.store.backups.backups('shop', 1))[0]?.provenAt).toBeNull()
    expect(await readdir(place.yard)).toEqual([])
  })

  test('whose restore breaks is undone: its scratch is gone and it is remembered as failed', async () => {
    await open()
    await ran('backup', 'shop full')
    const [label = ''] = await readdir(place.storage)
    await writeFile(join(place.storage, label, 'orders.jsonl'), 'nonsense')
    const view = await ran('restore', 'drill shop', 'undone')
    expect(view.run.reason?.text).toBe('orders.jsonl is not as it was written')
    expect(await readdir(place.yard)).toEqual([])
    expect((await world.store.backups.drills('shop', 1))[0]).toMatchObject({
      passed: false,
      verdict: view.run.reason?.text,
    })
  })

  test('without any backup is refused', async () => {
    await open()
    const view = await ran('restore', 'drill', 'refused')
    expect(view.run.reason).toMatchObject({ text: 'shop has no backup', next: 'Take one first: /backup shop full' })
  })

  test('that somebody stops destroys its scratch', async () => {
    await open()
    await ran('backup', 'shop full')
    await place.set('slow-start')
    const run = acceptedRun(await say('restore', 'drill'))
    await world.until(run, 'restores', ({ steps }) =>
      steps.some(({ key, state }) => key === 'restore' && state === 'running'),
    )
    await say('ops', `cancel ${run} enough`)
    await world.ended(run, 'stopped')
    expect(await readdir(place.yard)).toEqual([])
  })
})

describe('looking at backups', () => {
  test('the list tells what goes next, the schedule what comes next', async () => {
    await open('    keep: { fulls: 1, days: 0 }\n')
    await ran('backup', 'shop full')
    expect(await say('backup', 'list')).toMatchObject({ kind: 'backup list', database: 'shop', goes: [], more: 0 })
    expect(await say('backup', 'schedule')).toMatchObject({
      kind: 'backup schedule',
      databases: [
        {
          database: 'shop',
          works: [{ work: 'full', text: '0 2 * * *' }, { work: 'incremental' }, { work: 'drill' }],
          keeps: 'the newest full; always the last proven one and what it needs',
        },
      ],
    })
  })
})

describe('a deploy', () => {
  test('is refused while no backup is proven, with what to type; and goes when one is', async () => {
    await open()
    const refused = await ran('deploy', 'prod v1.9.0', 'refused')
    expect(refused.run.reason).toMatchObject({
      text: 'shop has no backup',
      next: 'Take one, then prove it: /backup shop full, /restore drill shop',
    })
    const why = await say('ops', 'why prod')
    const asked = why.kind === 'why' ? why.gates.find(({ title }) => title === 'A backup is proven') : undefined
    expect(asked).toMatchObject({ outcome: 'fail', evidence: { summary: 'shop has no backup' } })
    await ran('backup', 'shop full')
    await ran('restore', 'drill')
    world.world.releases = world.world.releases.filter(({ version }) => version !== 'v1.8.0')
    const run = acceptedRun(await say('deploy', 'prod v1.9.0', 'U0RITA'))
    await world.desk.press({ name: 'approve', ...shown(await world.asks(run)) }, asker('U0MARCO'))
    const view = await world.ended(run, 'done')
    expect(evidence(view, 'proven')).toMatch(/^the last proven backup of shop is .* old, limit 8 days$/)
    expect(view.steps.some(({ key }) => key === 'backup')).toBe(false)
  })

  test('that migrates takes one first, as a run of its own, and changes nothing when that fails', async () => {
    await open()
    await ran('backup', 'shop full')
    await ran('restore', 'drill')
    await place.set('slow')
    const run = acceptedRun(await say('deploy', 'prod v1.8.0', 'U0RITA'))
    await world.desk.press({ name: 'approve', ...shown(await world.asks(run)) }, asker('U0MARCO'))
    const waiting = await world.until(run, 'waits for its backup', ({ steps }) =>
      steps.some(({ key, state }) => key === 'backed-up' && state === 'waiting'),
    )
    expect(waiting.steps.find(({ key }) => key === 'migrate')?.state ?? 'pending').toBe('pending')
    await place.lift('slow')
    const view = await world.ended(run, 'done')
    const child = Number(view.steps.find(({ key }) => key === 'backup')?.output.run)
    expect((await world.store.desk.view(child))?.run).toMatchObject({
      parent: run,
      state: 'done',
      intent: { input: { kind: 'incremental', because: `#${run}` } },
      requestedBy: { id: 'shipmate', kind: 'machine' },
    })
  }, 30_000)
})
