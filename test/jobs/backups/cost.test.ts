import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createObservers } from '../../../src/app/backups/observers.js'
import type { CostObservers } from '../../../src/backups/cost/cost.js'
import { systemClock } from '../../../src/clock.js'
import { failed } from '../../../src/errors.js'
import { silentLog } from '../../../src/log.js'
import { runCard } from '../../../src/slack/cards/run-card.js'
import { textOf } from '../../slack/text-of.js'
import { backedUpText, openPlainPlace, type PlainPlace } from '../../support/backups/plain-place.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, noObservers } from '../../support/desk-world.js'
import { requirePart } from '../../support/parts.js'
import { shopCatalogue } from '../../support/shop.js'
import { startPrometheus } from '../../support/watched/real-prometheus.js'

const program = requirePart('prometheus')

let place: PlainPlace
let world: DeskWorld
afterEach(async () => {
  await world.close()
  await place.close()
})

async function open(text: string, observers?: CostObservers) {
  place = await openPlainPlace()
  world = await createDeskWorld({ text, backups: { ...place.side, ...(observers && { observers }) } })
}
const say = (words: string) => world.desk.say(words, 'backup', asker('U0MARCO'))
const seenBy = (observers: Partial<CostObservers>): CostObservers => ({ ...noObservers, ...observers })
const costOf = (view: Awaited<ReturnType<DeskWorld['ended']>>) => view.steps.find(({ key }) => key === 'cost')

describe.skipIf(!program)('with a real Prometheus under load', () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  beforeAll(async () => {
    prometheus = await startPrometheus(program ?? '')
  })
  afterAll(() => prometheus?.close())

  test('a backup that slows the application down says by how much, keeps it on its row and gives advice', async () => {
    const text = backedUpText(`prometheus: { url: "${prometheus.url}" }\n`).replace(
      '          database: shop\n          probe',
      '          database: shop\n          metrics: { window: 2m }\n          probe',
    )
    const observers = createObservers({ catalogue: shopCatalogue(text), secret: async () => '', log: silentLog })
    await open(text, seenBy({ application: observers.application }))
    prometheus.visits(0, 0)
    await systemClock.sleep(11_000)
    await place.set('slow')
    const run = acceptedRun(await say('shop full'))
    await world.until(run, 'takes it', ({ steps }) =>
      steps.some(({ key, state }) => key === 'take' && state === 'running'),
    )
    prometheus.visits(2, 5)
    await systemClock.sleep(8_000)
    await place.lift('slow')
    const view = await world.ended(run, 'done')
    expect(costOf(view)).toMatchObject({
      state: 'warned',
      evidence: {
        summary: expect.stringMatching(
          /^p95 rose from \d\d ms to \d{3,4} ms \(limit: .*; failed requests rose from 0 % to \d/,
        ),
        next: 'Move it to a quieter hour (schedule in the operator’s file).',
      },
    })
    const [row] = await world.store.backups.backups('shop', 1)
    expect(row?.cost).toMatchObject({
      application: { seen: { service: 'storefront', environment: 'prod', errors: { before: 0 } } },
      database: null,
    })
    // What slows nothing down is told with its figures, and nobody is advised.
    await systemClock.sleep(1_000)
    prometheus.visits(0, 0)
    await systemClock.sleep(12_000)
    await place.set('slow')
    const quiet = acceptedRun(await say('shop full'))
    await systemClock.sleep(5_000)
    await place.lift('slow')
    const calm = await world.ended(quiet, 'done')
    expect(costOf(calm)).toMatchObject({
      state: 'passed',
      evidence: { summary: expect.stringMatching(/^p95 \d\d → \d\d ms while it ran; took \d/) },
    })
    expect(textOf(runCard(calm, new Date()))).toMatch(/what it cost the application: p95/)
    const status = await say('status')
    expect(JSON.stringify(status)).toContain('"p95"')
  })

  test('a backup that is too short for Prometheus says so, and is no proof that all was well', async () => {
    const text = backedUpText(`prometheus: { url: "${prometheus.url}" }\n`).replace(
      '          database: shop\n          probe',
      '          database: shop\n          metrics: { match: \'job="nobody"\' }\n          probe',
    )
    const observers = createObservers({ catalogue: shopCatalogue(text), secret: async () => '', log: silentLog })
    await open(text, seenBy({ application: observers.application }))
    const view = await world.ended(acceptedRun(await say('shop full')), 'done')
    expect(costOf(view)).toMatchObject({
      state: 'skipped',
      evidence: {
        summary: expect.stringMatching(
          /; what visitors felt is not known: Prometheus has too little of storefront in prod/,
        ),
      },
    })
  })
})

test('where no metrics are set up it says so as skipped, with how long it took', async () => {
  const text = backedUpText()
  const observers = createObservers({ catalogue: shopCatalogue(text), secret: async () => '', log: silentLog })
  await open(text, seenBy({ application: observers.application }))
  const view = await world.ended(acceptedRun(await say('shop full')), 'done')
  expect(textOf(runCard(view, new Date()))).toMatch(
    /– what it cost the application \(skipped\): took .*; what visitors felt is not measured: no watch\.metrics/,
  )
  expect(costOf(view)).toMatchObject({
    state: 'skipped',
    evidence: {
      summary: expect.stringMatching(
        /^took .*; what visitors felt is not measured: no watch\.metrics for storefront in prod$/,
      ),
    },
  })
})

test('an observer that is away breaks no backup', async () => {
  const text = backedUpText('prometheus: { url: "http://127.0.0.1:1" }\n').replace(
    '          database: shop\n          probe',
    '          database: shop\n          metrics: { window: 2m }\n          probe',
  )
  const observers = createObservers({
    catalogue: shopCatalogue(text),
    secret: async () => 'postgres://nobody@127.0.0.1:1/shop',
    log: silentLog,
  })
  await open(text, observers)
  const view = await world.ended(acceptedRun(await say('shop full')), 'done')
  expect(costOf(view)?.state).toBe('skipped')
  const [row] = await world.store.backups.backups('shop', 1)
  expect(row?.cost).toMatchObject({
    application: { why: expect.stringMatching(/^what visitors felt is not known: /) },
    database: { why: expect.stringMatching(/^shop could not be looked at while it was backed up: /) },
  })
})

test('what an earlier attempt had taken is not told as what it cost', async () => {
  let taken = 0
  await open(backedUpText())
  const { engines } = place.side
  const dying = async (database: string) => {
    const engine = await engines(database)
    return {
      ...engine,
      take: async (...given: Parameters<typeof engine.take>) => {
        const backup = await engine.take(...given)
        taken += 1
        if (taken === 1) throw failed('connection-broke', 'The connection broke.', { transient: true })
        return backup
      },
    }
  }
  await world.close()
  const database = async () => ({ end: async () => ({ seen: { looks: 1, slot: null, lag: null } }) })
  world = await createDeskWorld({
    text: backedUpText(),
    backups: { ...place.side, engines: dying, observers: seenBy({ database }) },
  })
  await world.ended(acceptedRun(await say('shop full')), 'done')
  expect(taken).toBe(2)
  const [row] = await world.store.backups.backups('shop', 1)
  expect(row?.cost?.database).toEqual({
    why: 'the database was not looked at: an attempt before this one had taken the backup',
  })
})
