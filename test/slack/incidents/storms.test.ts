import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atFullSize } from '../../support/parts.js'
import { createRoomTime } from '../../support/rooms/room-time.js'
import { type RoomWorld, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

const full = atFullSize('sixty-incidents')

/**
 * The promise is an answer to each person within three seconds, with 150 ms for each call. Beside other tests time passes
 * only while nobody works: what was decided may take one of them, and two are left for the machine.
 */
const soon = full ? 3_000 : 1_000

let world: RoomWorld
beforeAll(async () => {
  world = await roomWorld({ limits: true, callMs: 150, ...(full ? {} : { time: createRoomTime() }) })
  world.lead()
})
afterAll(() => world.end())

describe('sixty incidents at once', () => {
  it('each have something that stands in for them soon, inside Slack’s limits', async () => {
    const declaredAt = new Map<number, number>()
    const declaring = Array.from({ length: 60 }, async (_, nth) => {
      const id = await world.declare({ title: `Trouble ${nth}`, declaredBy: whoever(nth) })
      declaredAt.set(id, world.at())
      return id
    })
    const ids = await Promise.all(declaring)
    await waitFor('each has a card or a line', () => world.told.size === 60, 60_000)
    const took = Math.max(...ids.map((id) => (world.told.get(id) ?? Number.NaN) - (declaredAt.get(id) ?? 0)))
    const rooms = await Promise.all(ids.map(async (id) => (await world.view(id)).incident.room))
    await waitFor('the message names all of them', async () => {
      const words = (await world.messages('C0INCIDENTS')).map(({ blocks }) => JSON.stringify(blocks)).join('\n')
      return ids.every((id, nth) => rooms[nth]?.channel !== null || words.includes(`INC-${id} `))
    })
    console.log(
      `60 at once: all told after ${Math.round(took)} ms, ${rooms.filter(({ channel }) => channel).length} channels by then`,
    )
    expect(took).toBeLessThan(soon)
    expect(await world.limited()).toEqual([])
    // One message for all that wait, not one for each.
    expect(new Set(rooms.flatMap(({ standIn }) => standIn?.ts ?? [])).size).toBeLessThanOrEqual(2)
  }, 90_000)

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
