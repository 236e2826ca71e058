import { afterAll, beforeAll, expect, it } from 'vitest'
import { diesAt } from '../../support/rooms/dying.js'
import { type RoomWorld, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

let world: RoomWorld
beforeAll(async () => {
  world = await roomWorld({ limits: false, history: true })
})
afterAll(() => world.end())

const methods = [
  'conversations.create',
  'chat.postMessage',
  'pins.add',
  'conversations.setTopic',
  'bookmarks.list',
  'bookmarks.add',
  'conversations.invite',
] as const

const points = methods.flatMap((method) => [
  { method, when: 'before' as const },
  { method, when: 'after' as const },
])

it.each(points)(
  'a process that dies $when $method leaves one channel with one card, which the next one completes',
  async ({ method, when }) => {
    const id = await world.declare({ title: `Dies ${when} ${method}`, private: false })
    await diesAt(world, when, method)
    const next = world.create()
    await waitFor(
      'the next one completed it',
      async () => {
        await next.round(world.never)
        return (await world.view(id)).incident.room.done.length === 7
      },
      20_000,
    )
    const { room } = (await world.view(id)).incident
    const mine = (await world.channels()).filter(({ name }) => name.startsWith(`inc-${id}-`))
    expect(mine.map(({ id: channel }) => channel)).toEqual([room.channel])
    const messages = await world.messages(room.channel ?? '')
    const cards = messages.filter(({ blocks }) => JSON.stringify(blocks ?? '').includes('Claim commander'))
    expect(cards).toHaveLength(1)
    const channel = await world.person.channel(room.channel ?? '')
    expect(channel.bookmarks).toHaveLength(1)
    expect(channel.pins).toEqual([room.card?.ts])
  },
  40_000,
)
