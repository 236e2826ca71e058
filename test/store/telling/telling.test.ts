import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import type { Claim } from '../../../src/runs/ports.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { refuseOldVersion } from '../../../src/store/migrate.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { claimed, order, person } from '../orders.js'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await freshDatabase()
  store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
})
afterAll(async () => {
  await store?.close()
  await database?.drop()
})

let claim: Claim
beforeEach(async () => {
  const { run } = await store.desk.submit(order())
  const mine = await claimed(store, run.id)
  claim = mine
  onTestFinished(() => store.runs.release(mine))
})

const stale = async () => (await store.telling.staleCards(1000)).find(({ run }) => run === claim.run)
const place = { channel: 'C1', ts: '1.1' }

describe('a card', () => {
  const spot = () => ({ channel: 'C1', ts: `${claim.run}.1` })

  test('is stale from the first change until that version is drawn, and again after the next change', async () => {
    const first = await stale()
    expect(first).toMatchObject({ channel: null, ts: null })
    await store.telling.cardDrawn(claim.run, first?.version ?? 0, spot())
    expect(await stale()).toBeUndefined()
    await store.runs.write(claim, { state: 'planning' })
    const next = await stale()
    expect(next).toMatchObject(spot())
    expect(next?.version).toBeGreaterThan(first?.version ?? 0)
    expect(next?.staleSince.getTime()).toBeGreaterThanOrEqual(first?.staleSince.getTime() ?? 0)
  })

  test('that changed while it was drawn stays stale', async () => {
    const seen = await stale()
    await store.runs.write(claim, { state: 'planning' })
    await store.telling.cardDrawn(claim.run, seen?.version ?? 0, spot())
    expect((await stale())?.version).toBe((seen?.version ?? 0) + 1)
  })

  test('never goes back to an older version', async () => {
    const old = await stale()
    await store.runs.write(claim, { state: 'planning' })
    const fresh = await stale()
    await store.telling.cardDrawn(claim.run, fresh?.version ?? 0, spot())
    await store.telling.cardDrawn(claim.run, old?.version ?? 0, { channel: 'C9', ts: '9' })
    expect(await stale()).toBeUndefined()
    expect(await store.telling.cardAt('C1', spot().ts)).toBe(claim.run)
    expect(await store.telling.cardAt('C9', '9')).toBeNull()
  })

  test('of a run whose place in line changed is stale', async () => {
    const resources = [`shop/${claim.run}-line`]
    const [head, next] = [await store.desk.submit(order({ resources })), await store.desk.submit(order({ resources }))]
    for (const { run } of [head, next]) {
      const card = (await store.telling.staleCards(1000)).find((each) => each.run === run.id)
      await store.telling.cardDrawn(run.id, card?.version ?? 0, { channel: 'C1', ts: `${run.id}.1` })
    }
    const carried = await claimed(store, head.run.id)
    await store.runs.write(carried, { ended: { state: 'stopped', reason: null, at: new Date() } })
    await store.runs.release(carried)
    expect((await store.telling.staleCards(1000)).map(({ run }) => run)).toContain(next.run.id)
  })
})

describe('a post', () => {
  const pending = async (at = new Date()) =>
    (await store.telling.pendingPosts(at, 1000)).filter(({ run }) => run === claim.run)
  const say = (key: string) => ({ key, to: { kind: 'thread' as const }, text: `say ${key}` })

  test('is told once, whoever writes its key again', async () => {
    await store.runs.write(claim, { posts: [say('a'), say('b')] })
    await store.runs.write(claim, { posts: [say('a')] })
    const posts = await pending()
    expect(posts.map(({ key, to, card, tries }) => ({ key, to, card, tries }))).toEqual([
      { key: 'a', to: { kind: 'thread' }, card: null, tries: 0 },
      { key: 'b', to: { kind: 'thread' }, card: null, tries: 0 },
    ])
    await store.telling.postSent(posts[0]?.id ?? 0, place)
    await store.runs.write(claim, { posts: [say('a')] })
    expect((await pending()).map(({ key }) => key)).toEqual(['b'])
  })

  test('that failed holds back the later ones of its run until its next try, or is given up', async () => {
    await store.runs.write(claim, { posts: [say('a'), say('b')] })
    const [first] = await pending()
    const later = new Date(Date.now() + 60_000)
    await store.telling.postFailed(first?.id ?? 0, 'channel_not_found \0', later)
    expect(await pending()).toEqual([])
    expect((await pending(later)).map(({ key, tries }) => [key, tries])).toEqual([
      ['a', 1],
      ['b', 0],
    ])
    await store.telling.postFailed(first?.id ?? 0, 'channel_not_found', null)
    expect((await pending()).map(({ key }) => key)).toEqual(['b'])
  })
})

describe('leadership', () => {
  test('belongs to one at a time and passes on when it is released or its session is cut', async () => {
    const other = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
    const stop = new AbortController()
    const first = await store.leadership.lead('cards', stop.signal)
    let second: Awaited<ReturnType<typeof other.leadership.lead>> = null
    const waiting = other.leadership.lead('cards', stop.signal).then((lease) => {
      second = lease
    })
    const board = await store.leadership.lead('board', stop.signal)
    expect(board?.lost.aborted).toBe(false)
    expect(second).toBeNull()
    await first?.release()
    await waiting
    expect(second).not.toBeNull()
    await other.close()
    expect(await store.leadership.lead('cards', stop.signal)).not.toBeNull()
    stop.abort()
  })

  test('passes on from a leader that is silent for too long, which knows it before the next one leads', async () => {
    const hungAfterMs = 1_200
    const silent = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(600_000, signal) }
    const one = await openStore({ ownerUrl: database.ownerUrl, log: silentLog, hungAfterMs, clock: silent })
    const two = await openStore({ ownerUrl: database.ownerUrl, log: silentLog, hungAfterMs })
    const stop = new AbortController()
    const first = await one.leadership.lead('hung', stop.signal)
    expect(first?.holds()).toBe(true)
    const second = await two.leadership.lead('hung', stop.signal)
    expect([first?.holds(), second?.holds()]).toEqual([false, true])
    await Promise.all([one.close(), two.close()])
  })

  test('stays with a leader that shows its pulse, however long', async () => {
    const hungAfterMs = 1_500
    const one = await openStore({ ownerUrl: database.ownerUrl, log: silentLog, hungAfterMs })
    const two = await openStore({ ownerUrl: database.ownerUrl, log: silentLog, hungAfterMs })
    const stop = new AbortController()
    const first = await one.leadership.lead('alive', stop.signal)
    const waiting = two.leadership.lead('alive', stop.signal)
    const winner = await Promise.race([waiting, systemClock.sleep(4 * hungAfterMs).then(() => 'nobody else')])
    expect(winner).toBe('nobody else')
    await first?.release()
    const next = await waiting
    expect([first?.holds(), next?.holds()]).toEqual([false, true])
    await Promise.all([one.close(), two.close()])
  })

  test('is not waited for after a stop', async () => {
    const lease = await store.leadership.lead('stopped', new AbortController().signal)
    const stop = new AbortController()
    const waiting = store.leadership.lead('stopped', stop.signal)
    stop.abort()
    expect(await waiting).toBeNull()
    await lease?.release()
    expect(await store.leadership.lead('stopped', stop.signal)).toBeNull()
  })
})

describe('what serves where', () => {
  test('starts with the version the first run replaced, and grows with each run that is done', async () => {
    const deployed = (version: string, replaced: string | null) => {
      return { service: 'shop', environment: `env-${claim.run}`, version, instances: 2, replaced }
    }
    const done = async (run: Claim, version: string, replaced: string, at: Date) => {
      const change = { ended: { state: 'done' as const, reason: null, at }, deployed: deployed(version, replaced) }
      await store.runs.write(run, change)
    }
    await done(claim, 'v1', 'v0', new Date('2026-03-01T10:00:00Z'))
    const { run } = await store.desk.submit(order())
    const second = await claimed(store, run.id)
    await done(second, 'v2', 'v1', new Date('2026-03-02T10:00:00Z'))
    await store.runs.release(second)
    const history = await store.deployments.history('shop', `env-${claim.run}`, 10)
    expect(history.map(({ version, run: by }) => [version, by])).toEqual([
      ['v2', run.id],
      ['v1', claim.run],
      ['v0', null],
    ])
    expect(history[0]?.at).toEqual(new Date('2026-03-02T10:00:00Z'))
  })
})

test('a personal token is known by its hash until it expires, is revoked, or a new one replaces it', async () => {
  const [at, expires] = [new Date('2026-03-01'), new Date('2026-04-01')]
  await store.tokens.issue(person('U2'), 'T1', 'hash-1', at, expires)
  expect(await store.tokens.holder('hash-1', at)).toEqual({ person: person('U2'), team: 'T1' })
  expect(await store.tokens.holder('hash-1', expires)).toBeNull()
  await store.tokens.issue(person('U2'), 'T1', 'hash-2', at, expires)
  expect(await store.tokens.holder('hash-1', at)).toBeNull()
  expect(await store.tokens.list('T1', at)).toEqual([{ person: person('U2'), issuedAt: at, expires }])
  expect(await store.tokens.revoke('U2', 'T1', person('U1'), at)).toBe(true)
  expect(await store.tokens.revoke('U2', 'T1', person('U1'), at)).toBe(false)
  expect(await store.tokens.list('T1', at)).toEqual([])
  const acts = (await store.audit.of(0)).map(({ act, actor, subject }) => [act, actor?.id, subject.person])
  expect(acts.slice(-3)).toEqual([
    ['was given a token', 'U2', 'U2'],
    ['was given a token', 'U2', 'U2'],
    ['revoked a token', 'U1', 'U2'],
  ])
  expect((await store.audit.verify(0)).broken).toEqual([])
  expect(await store.tokens.holder('hash-2', at)).toBeNull()
})

test('a PostgreSQL before 14 is refused with the way forward', () => {
  expect(() => refuseOldVersion(130_012, '13.12')).toThrow(expect.objectContaining({ code: 'database-too-old' }))
  expect(() => refuseOldVersion(140_000, '14.0')).not.toThrow()
})
