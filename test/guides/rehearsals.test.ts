import { Worker } from 'bullmq'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { requirePart } from '../support/parts.js'
import { follow, type Played } from '../support/rehearsal/following.js'
import type { RehearsalPlace } from '../support/rehearsal/place.js'
import { expectFound, expectHonest, expectRepaired } from '../support/rehearsal/proofs.js'
import { openRehearsal, type RehearsalWorld } from '../support/rehearsal/world.js'

type Rehearsal = Played & {
  guide: string
  fault: string
  /** False where a part that the fault needs cannot run here. */
  can?: (place: RehearsalPlace) => boolean
  plant?: (place: RehearsalPlace) => Promise<unknown> | unknown
  heals?: (place: RehearsalPlace) => NonNullable<Played['heal']>
  /** Checks that have to find it, with the words that name it. */
  finds?: { [check: string]: RegExp }
  /** What the guide does about it. */
  repairs?: string
  /** What is not set up here. */
  skips?: string[]
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
const hasRedis = requirePart('redis') !== null
const hasOpenssl = requirePart('openssl') !== null
const running: Worker[] = []

const rehearsals: Rehearsal[] = [
  {
    guide: 'service-down',
    fault: 'PostgreSQL is stopped',
    plant: ({ shop }) => shop.stop(),
    answers: { change: 'something-else' },
    finds: { database: /shop cannot be reached/, probe: /answered 503/ },
    repairs: 'restart-database',
  },
  {
    guide: 'service-down',
    fault: 'the name is gone from DNS',
    plant: ({ zone }) => delete zone['shop.test'],
    answers: { change: 'something-else' },
    finds: { name: /shop.test \(no such name\)/ },
    repairs: 'restore-zone',
  },
  {
    guide: 'disk-filling',
    fault: 'the disk is full',
    can: ({ disk }) => disk !== null,
    plant: ({ disk }) => disk?.fill(),
    finds: { disk: /rehearsal-disk/ },
    repairs: 'clean',
    skips: ['space', 'replica'],
  },
  {
    guide: 'certificate-expiring',
    fault: 'the certificate has expired',
    can: () => hasOpenssl,
    plant: ({ door }) => door?.expire(),
    finds: { certificate: /expired 36 h ago/ },
    repairs: 'reload',
  },
  {
    guide: 'slow-application',
    fault: 'a query runs long',
    async plant({ shop, prometheus }) {
      prometheus?.visits(0, 4)
      const slow = await shop.connect('report')
      const over = () => prometheus?.visits(0, 0)
      slow.query('select pg_sleep(600)').then(over, over)
      await pause(1_500)
    },
    answers: { deploy: 'no' },
    finds: { queries: /a query runs long: pid \d+ \(report, active\)/ },
    repairs: 'cancel-slow',
  },
  {
    guide: 'connection-pool-exhausted',
    fault: 'a pool leaks sessions until hardly one is left',
    async plant({ shop }) {
      for (let at = 0; at < 23; at++) await (await shop.connect('leaky')).query('begin; select * from stock')
      await pause(1_500)
    },
    answers: { change: 'neither' },
    finds: { connections: /of 27 connections are taken/, idle: /leaky/ },
    repairs: 'end-idle',
  },
  {
    guide: 'cache-failure',
    fault: 'Redis is gone',
    can: () => hasRedis,
    plant: ({ cache }) => cache?.kill(),
    finds: { cache: /sessions cannot be reached/ },
    repairs: 'restart',
  },
  {
    guide: 'database-locks',
    fault: 'a query holds a lock that others wait for',
    async plant({ shop }) {
      const [root, waiter] = await Promise.all([shop.connect('import'), shop.connect('web')])
      await root.query('begin')
      await root.query('update stock set left_over = 4 where id = 1')
      root.query('select pg_sleep(600)').catch(() => null)
      waiter.query('update stock set left_over = 3 where id = 1').catch(() => null)
      await pause(1_500)
    },
    finds: { locks: /\(import, active\) blocks 1 session/ },
    repairs: 'cancel-query',
  },
  {
    guide: 'queue-stuck',
    fault: 'the queue is paused',
    can: () => hasRedis,
    async plant({ cache }) {
      const queue = cache?.queue('emails')
      await queue?.pause()
      await queue?.add('late', {}, { timestamp: Date.now() - 600_000 })
      await queue?.close()
    },
    heals: ({ cache }) => ({
      resume: () => cache && running.push(new Worker('emails', async () => {}, { connection: cache.connection })),
    }),
    finds: { backlog: /emails: paused/ },
    repairs: 'resume',
  },
  {
    guide: 'error-spike-after-deploy',
    fault: 'nothing is planted',
    answers: { deploy: 'no' },
  },
  ...[
    { guide: 'external-service-down-stripe', by: 'notice' },
    { guide: 'external-service-down-supabase', by: 'degrade' },
    { guide: 'external-service-down-n8n', by: 'restart' },
    { guide: 'external-service-down-stack-auth', by: 'keep' },
  ].map(({ guide, by }) => ({
    guide,
    fault: 'the vendor is away',
    plant: ({ vendor }: RehearsalPlace) => {
      vendor.state.ill = true
    },
    heals: ({ vendor }: RehearsalPlace) => ({
      [by]: () => {
        vendor.state.ill = false
      },
    }),
    answers: { change: 'nothing' },
    finds: { status: /Partial System Outage/ },
  })),
  { guide: 'failed-deploy', fault: 'nothing is planted' },
  {
    guide: 'leaked-secret',
    fault: 'a key has leaked',
    // Instances are started again on real hosts by test/integrations/host.
    answers: { restart: 'skip' },
    heals: ({ keys }) => ({
      revoke: () => {
        keys.state.revoked = true
      },
    }),
    finds: { refused: /still accepts leaked/ },
  },
  { guide: 'replica-lag', fault: 'there is no replica', skips: ['lag', 'space'] },
  { guide: 'traffic-flood', fault: 'nothing is planted' },
]

let world: RehearsalWorld
beforeAll(async () => {
  world = await openRehearsal()
}, 240_000)
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.close(true)))
  await world.place.shop.quiet()
})
afterAll(() => world?.close(), 240_000)

test.for(rehearsals)(
  '$guide is gone through to its end: $fault',
  { timeout: 300_000 },
  async ({ guide, can, plant, heals, finds = {}, repairs, skips = [], answers = {} }, { skip }) => {
    const { place } = world
    if (can && !can(place)) skip('a part that it needs cannot run here')
    place.zone['shop.test'] = [10, 0, 0, 1]
    place.prometheus?.visits(0, 0)
    await plant?.(place)
    const followed = await follow(world, guide, { answers, heal: heals?.(place) ?? {} })
    const { step, view } = followed
    expect(view.run.state).toBe('done')
    expectFound(followed, finds)
    if (repairs) expectRepaired(followed, repairs)
    for (const key of skips) expect(step(key).state, key).toBe('skipped')
    expectHonest(followed)
  },
)
