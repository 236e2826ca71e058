import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Occurrence } from '../../../src/releases/routines/routine.js'
import { diesAt } from '../../support/rooms/dying.js'
import { type RoutineWorld, routineWorld } from '../../support/routines/routine-world.js'
import { waitFor } from '../../support/wait-for.js'

let world: RoutineWorld
beforeAll(async () => {
  world = await routineWorld(`
  certificates:
    says: Look.
    every: 0 9 * * *
    owner:
      people: [U0RITA]
    channel: C0INCIDENTS
    within: 4h
`)
  await world.at('2026-11-02T07:00:00Z')
})
afterAll(() => world.close())

const digests = async () => (await world.rita.messages('incidents')).filter(({ text }) => /^Routines: /.test(text))
const replies = async (ts: string) => (await world.rita.thread('incidents', ts)).slice(1)

async function told(): Promise<void> {
  const next = world.room.create()
  await waitFor(
    'all is told',
    async () => {
      await next.round(world.room.never)
      const { routines } = world.store
      const now = world.room.clock.now()
      const waits = [...(await routines.stale(now, 10)), ...(await routines.calls(now, 10))]
      return waits.length === 0
    },
    20_000,
  )
}

let day = 2
const points = ['before', 'after'] as const

it.each(points)(
  'whoever dies %s the message is posted leaves one with one call, and the next one goes on',
  async (when) => {
    const before = (await digests()).length
    await world.at(`2026-11-0${day++}T08:00:00Z`)
    await diesAt(world.room, when, 'chat.postMessage')
    await told()
    const now = await digests()
    expect(now).toHaveLength(before + 1)
    expect((await replies(now.at(-1)?.ts ?? '')).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^<@U0RITA>: certificates is due/),
    ])
  },
  40_000,
)

it.each(points)(
  'whoever dies %s the message is edited leaves it as its rows are',
  async (when) => {
    const [open] = await world.store.routines.openNow()
    const by = { kind: 'person' as const, id: 'U0RITA', name: 'Rita' }
    const tick = { as: 'done' as const, by, note: '', late: false }
    await world.store.routines.end(open as Occurrence, tick, new Date('2026-11-03T09:00:00Z'))
    await diesAt(world.room, when, 'chat.update')
    await told()
    expect((await digests()).at(-1)?.text).toMatch(/1 done/)
    await world.at(`2026-11-0${day++}T08:00:00Z`)
    await told()
  },
  40_000,
)

it('one that somebody deleted is posted anew when something changes', async () => {
  const before = await digests()
  await world.room.control.fault({ kind: 'error', method: 'chat.update', error: 'message_not_found', times: 1 })
  await world.at(`2026-11-05T12:00:00Z`)
  await told()
  const now = await digests()
  expect(now).toHaveLength(before.length + 1)
  expect(now.at(-1)?.text).toMatch(/1 missed/)
}, 40_000)

it('a channel that takes nothing is named where health is read, until it takes the message', async () => {
  const before = (await digests()).length
  await world.room.control.fault({ kind: 'error', method: 'chat.postMessage', error: 'not_in_channel', times: 1 })
  await world.at('2026-11-06T08:00:00Z')
  const outbox = world.room.create()
  await waitFor('it is refused', async () => {
    await outbox.round(world.room.never)
    return outbox.problems().length > 0
  })
  expect(outbox.problems()).toEqual([expect.stringMatching(/C0INCIDENTS \(not_in_channel\)\. Invite the app there/)])
  await waitFor('it is told', async () => {
    await outbox.round(world.room.never)
    return (await digests()).length > before && outbox.problems().length === 0
  })
  expect(await digests()).toHaveLength(before + 1)
}, 40_000)
