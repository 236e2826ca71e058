import { afterEach, expect, test } from 'vitest'
import { resolve } from '../../../src/incidents/resolving.js'
import { usualSettings } from '../../../src/incidents/settings.js'
import type { Chore } from '../../../src/jobs/incidents/keeping.js'
import type { GuideShelf } from '../../../src/jobs/incidents/parts.js'
import { rememberedOnce, seenBefore, solvedLike } from '../../../src/jobs/incidents/remembering.js'
import { suggested } from '../../../src/jobs/incidents/suggesting.js'
import { after, changed, declaredAt, incidentWith, rita } from '../../support/incident-rows.js'
import { afterwardsWorld } from './afterwards-world.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type World = Awaited<ReturnType<typeof afterwardsWorld>>

/** An alert that fires anew each time it comes, and belongs to that incident. */
async function alerted({ store }: World, fingerprint: string, incident: number, minutes: number, ended: boolean) {
  const state = ended ? ('resolved' as const) : ('firing' as const)
  const { alert } = await store.incidents.alerts.receive(
    {
      ...{ source: 'alertmanager', fingerprint, group: null, state, title: 'PoolExhausted', text: '', severity: null },
      ...{ service: 'storefront', environment: 'prod', labels: {}, link: null, data: {} },
      ...{ startedAt: after(minutes), endedAt: ended ? after(minutes + 1) : null },
    },
    after(minutes),
  )
  await store.incidents.alerts.change(alert.id, { incident })
}

/** One that is over, and how it was decided to mend it. */
async function solvedOne(world: World, text: string, isPrivate = false): Promise<number> {
  const decision = { key: 'd', kind: 'decision' as const, at: after(4), by: rita, text }
  const over = { state: 'resolved' as const, resolvedAt: after(5) }
  const { id } = await incidentWith(world.store, { private: isPrivate }, { set: over, timeline: [decision] })
  await alerted(world, `pool of ${id}`, id, 1, true)
  return id
}

test('what was solved before is remembered once, and says how; of a private incident nothing is', async () => {
  const world = await afterwardsWorld()
  closing.push(world.close)
  const { store, time, look } = world
  const first = await solvedOne(world, 'Raised the pool to 40.')
  const { id } = await incidentWith(store, { title: 'Checkout is slow' })
  const view = async () => (await store.incidents.rows.view(id)) ?? expect.fail('it is there')
  expect(await seenBefore(store.incidents, await view(), after(21))).toBeNull()
  await alerted(world, 'pool-2', id, 20, false)
  time.now = after(21)
  const chore: Chore = { name: 'seen before', tend: (seen, now) => rememberedOnce(store.incidents, seen, now) }
  await look(id, chore)
  await look(id, chore)
  const remembered = (await store.incidents.reads.timeline(id)).filter(({ key }) => key.startsWith('seen-before:'))
  expect(remembered.map(({ text, by }) => [text, by])).toEqual([
    [
      `Seen once, in INC-${first}; decided then: Raised the pool to 40. Why: an alert of the same name for the same service.`,
      null,
    ],
  ])
  const hidden = await solvedOne(world, 'The attacker’s key was withdrawn.', true)
  expect(hidden).toBeGreaterThan(first)
  expect((await seenBefore(store.incidents, await view(), after(22)))?.seen).toEqual([first])
  expect(await seenBefore(store.incidents, await view(), new Date(declaredAt.getTime() + 400 * 86_400_000))).toBeNull()
})

test('the reason with which one was resolved is how it was solved, where nobody noted a decision', async () => {
  const world = await afterwardsWorld()
  closing.push(world.close)
  const { store } = world
  const { id } = await incidentWith(store, { title: 'Checkout hangs for everybody' })
  const view = (await store.incidents.rows.view(id)) ?? expect.fail('it is there')
  const decision = resolve({ view, by: rita, now: after(3) }, usualSettings, 'the pool was raised to 40.')
  if (decision.kind !== 'change') throw new Error(decision.kind)
  await changed(store, id, decision.change, after(3))
  const again = await incidentWith(store, { title: 'Checkout hangs for everybody again' })
  const anew = (await store.incidents.rows.view(again.id)) ?? expect.fail('it is there')
  const known = await seenBefore(store.incidents, anew, after(10))
  expect(known?.text).toBe(`Seen once, in INC-${id}; decided then: the pool was raised to 40.`)
})

test('the release that ended it is a part of how it was solved, once it was watched, and not before', async () => {
  const world = await afterwardsWorld()
  closing.push(world.close)
  const { store } = world
  const fix = { ref: { kind: 'change' as const, value: '412' }, version: 'v1.8.2', liveAt: after(20), back: null }
  const named = { kind: 'fix' as const, text: 'change #412', owner: rita, createdAt: after(6), fix }
  const { id } = await incidentWith(store, { title: 'Checkout hangs for everybody' }, { tasks: { add: [named] } })
  await changed(store, id, { set: { state: 'resolved', resolvedAt: after(5) } }, after(6))
  const again = await incidentWith(store, { title: 'Checkout hangs for everybody again' })
  const anew = (await store.incidents.rows.view(again.id)) ?? expect.fail('it is there')
  const known = async () => (await seenBefore(store.incidents, anew, after(100)))?.text
  expect(await known()).toBe(`Seen once, in INC-${id}; how it was solved was not noted.`)
  const task = (await store.incidents.rows.view(id))?.tasks[0]?.id ?? 0
  const done = (minute: number) =>
    changed(store, id, { tasks: { change: [{ id: task, doneAt: after(minute) }] } }, after(minute))
  await done(90)
  expect(await known()).toBe(`Seen once, in INC-${id}; how it was solved was not noted.`)
  await done(20 + 24 * 60)
  expect(await known()).toBe(`Seen once, in INC-${id}; solved with v1.8.2.`)
})

test('the guide that ended the last one is offered before those that only look fitting', async () => {
  const world = await afterwardsWorld()
  closing.push(world.close)
  const { store, time, look, told } = world
  const { id } = await incidentWith(store)
  time.now = after(21)
  const fitting = [
    { name: 'slow-application', title: 'Slow application', why: 'Somebody wrote "slow".' },
    { name: 'database-locks', title: 'Database locks', why: 'Somebody wrote "blocks".' },
  ]
  const guides: GuideShelf = { all: async () => [], take: async () => null, fitting: async () => fitting }
  const before = { ...solvedRow, suspects: [], resolvedAt: after(-100), incident: 7 }
  const solved = { solved: async () => [before] }
  const chore: Chore = { name: 'guides', tend: (v, now) => suggested({ ...store.incidents, solved, guides }, v, now) }
  await alerted(world, 'pool', id, 20, false)
  await look(id, chore)
  const offered = (await told(id)).find(({ drawing }) => drawing?.name === 'guides')?.drawing?.data.guides
  expect(offered).toEqual([
    { name: 'database-locks', title: 'Database locks', why: 'It ended INC-7: the same alert.' },
    fitting[0],
  ])
})

const solvedRow = {
  ...{ title: 'x', service: 'storefront', environment: 'prod', fingerprints: ['alertmanager/pool'] },
  ...{ alerts: ['PoolExhausted'], guide: 'database-locks', recovery: null, fix: null, decision: null },
}

test('incidents that are over are found by their words, and those of their alerts', async () => {
  const world = await afterwardsWorld()
  closing.push(world.close)
  const { solved } = world.store.incidents
  const decided = await solvedOne(world, 'Raised the pool to 40')
  await solvedOne(world, 'The attacker’s key was withdrawn.', true)
  const told = [`INC-${decided} pid 4711 blocks 23 sessions: decided then: Raised the pool to 40.`]
  expect(await solvedLike(solved, 'blocks pid', after(30))).toEqual(told)
  expect(await solvedLike(solved, 'poolexhausted', after(30))).toEqual(told)
  expect(await solvedLike(solved, 'blocks checkout', after(30))).toEqual([])
})
