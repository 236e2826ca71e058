import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atFullSize } from '../../support/parts.js'
import { type RoomWorld, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

/** The promise is three seconds; a machine that runs other tests beside it cannot show that it is kept. */
const soon = atFullSize('sixty-incidents') ? 3_000 : 10_000

let world: RoomWorld
beforeAll(async () => {
  world = await roomWorld({ limits: true, callMs: 150 })
  world.lead()
})
afterAll(() => world.end())

describe('sixty incidents at once', () => {
  it('each have something that stands in for them soon, inside Slack’s limits', async () => {
    const declaredAt = new Map<number, number>()
    const toldAfter = new Map<number, number>()
    const declaring = Array.from({ length: 60 }, async (_, at) => {
      const id = await world.declare({ title: `Trouble ${at}`, declaredBy: whoever(at) })
      declaredAt.set(id, Date.now())
      return id
    })
    const ids = await Promise.all(declaring)
    await waitFor(
      'each has a card or a line',
      async () => {
        await new Promise((passed) => setTimeout(passed, 50))
        for (const { id, room } of await world.store.incidents.rows.list({ limit: 100 }))
          if (room.card && !toldAfter.has(id)) toldAfter.set(id, Date.now() - (declaredAt.get(id) ?? 0))
        return toldAfter.size === 60
      },
      20_000,
    )
    const took = Math.max(...toldAfter.values())
    const rooms = await Promise.all(ids.map(async (id) => (await world.view(id)).incident.room))
    await waitFor('the message names all of them', async () => {
      const words = (await world.messages('C0INCIDENTS')).map(({ blocks }) => JSON.stringify(blocks)).join('\n')
      return ids.every((id, at) => rooms[at]?.channel !== null || words.includes(`INC-${id} `))
    })
    const limited = (await world.control.calls()).filter(({ status }) => status === 429)
    console.log(
      `60 at once: all told after ${took} ms, ${rooms.filter(({ channel }) => channel).length} channels by then`,
    )
    expect(took).toBeLessThan(soon)
    expect(limited.map(({ method }) => method)).toEqual([])
    // One message for all that wait, not one for each.
    expect(new Set(rooms.flatMap(({ standIn }) => standIn?.ts ?? [])).size).toBeLessThanOrEqual(2)
  }, 60_000)

  it('move to their channels as these are made, and the message says where', async () => {
    const moved = await waitFor(
      'one of those that waited has its channel',
      async () => {
        const open = await world.store.incidents.rows.list({ state: 'open', limit: 100 })
        return open.find(({ room }) => room.standIn && room.channel && room.card?.channel === room.channel)
      },
      60_000,
    )
    await waitFor('its line names the channel', async () => {
      const words = (await world.messages('C0INCIDENTS')).map(({ blocks }) => JSON.stringify(blocks)).join('\n')
      return words.includes(`<#${moved.room.channel}>`)
    })
  }, 90_000)
})

const whoever = (at: number) => ({ kind: 'person' as const, id: `U0P${at}`, name: `Person ${at}` })
