import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atFullSize } from '../../support/parts.js'
import { inARow, isOf } from '../../support/rooms/calls.js'
import { createRoomTime } from '../../support/rooms/room-time.js'
import { type RoomWorld, rita, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

const full = atFullSize('furnishing')

let world: RoomWorld
let leave: () => Promise<void>
beforeAll(async () => {
  // Where other tests run beside it, time passes only while nobody works: what is left is what was decided.
  world = await roomWorld({ limits: false, callMs: 150, ...(full ? {} : { time: createRoomTime() }) })
  world.settings.severities.SEV2 = {
    ...world.settings.severities.SEV2,
    invite: { groups: ['incident-commanders'], people: ['U0MINA'] },
  }
  leave = world.lead()
})
afterAll(() => world.end())

const furnished = (id: number) =>
  waitFor(
    `INC-${id} has all of its channel`,
    async () => (await world.view(id)).incident.room.done.length === 7,
    20_000,
  )

describe('opening an incident', () => {
  it('brings a channel with card, pin, topic, bookmark and people, and one line where people expect it', async () => {
    const id = await world.declare()
    await furnished(id)
    const { room } = (await world.view(id)).incident
    expect(room).toMatchObject({ name: `inc-${id}-storefront-checkout-is-slow`, troubles: [] })
    const channel = (await world.channels()).find((one) => one.id === room.channel)
    expect(channel).toMatchObject({ members: 4, topic: `SEV2 INC-${id}: Checkout is slow · no commander yet · open` })
    const messages = await world.messages(room.channel ?? '')
    const card = messages.find(({ ts }) => ts === room.card?.ts)
    expect(card).toMatchObject({ pinned: true })
    expect(JSON.stringify(card?.blocks)).toContain('Claim commander')
    const notices = (await world.messages('C0INCIDENTS')).filter(({ text }) => text.includes(`INC-${id}`))
    expect(notices).toHaveLength(1)
    expect(JSON.stringify(notices[0]?.blocks)).toContain(`<#${room.channel}>`)
  })

  it('takes at most four calls one after another, and under two seconds in 99 of 100, with 150 ms a call', async () => {
    const took: number[] = []
    for (let nth = 0; nth < (full ? 50 : 15); nth++) {
      // Slack's limits are kept over a minute; in one as full as this the storm test looks, here each begins in a new one.
      await leave()
      leave = world.lead()
      const before = world.calls.length
      const from = world.at()
      const id = await world.declare({ title: `Trouble ${nth}` })
      await furnished(id)
      const { room } = (await world.view(id)).incident
      const mine = world.calls.slice(before).filter(({ args }) => isOf(args, room.channel, room.name, id))
      took.push(Math.max(...mine.map(({ to }) => to)) - from)
      expect(inARow(mine)).toBeLessThanOrEqual(4)
    }
    const sorted = took.sort((a, b) => a - b)
    console.log(
      `opening: p50 ${Math.round(sorted[sorted.length >> 1] ?? 0)} ms, at most ${Math.round(sorted.at(-1) ?? 0)} ms of ${sorted.length}`,
    )
    // Four calls and what it waits by itself; the other second is left for the machine.
    expect(sorted.at(-1)).toBeLessThan(full ? 2_000 : 1_000)
  }, 180_000)

  it('says what comes together a second apart, and looks nothing up that it knows it has not sent', async () => {
    const id = await world.declare({ title: 'Much to say' })
    await furnished(id)
    const before = world.calls.length
    const posts = Array.from({ length: 6 }, (_, nth) => ({
      key: `word:${nth}`,
      to: { kind: 'thread' as const },
      text: `Word ${nth}.`,
    }))
    await world.change(id, () => ({ posts }))
    const { telling } = world.store.incidents
    await waitFor('all is said', async () => (await telling.pending(new Date(), 10)).length === 0, 30_000)
    const calls = world.calls.slice(before)
    const said = calls.filter(({ method }) => method === 'chat.postMessage')
    expect(said.map(({ args }) => args.text)).toEqual(posts.map(({ text }) => text))
    const gaps = said.slice(1).map(({ from }, nth) => from - (said[nth]?.from ?? 0))
    if (!full) expect(Math.max(...gaps)).toBeLessThan(1_500)
    expect(calls.filter(({ method }) => /^conversations\./.test(method))).toEqual([])
  }, 60_000)

  it('says on the card what a vendor refused, and does all the rest', async () => {
    await world.control.fault({ kind: 'error', method: 'pins.add', error: 'too_many_pins', times: 1 })
    const id = await world.declare({ title: 'No pins left', declaredBy: { ...rita, id: 'U0GONE' } })
    await waitFor('the rest is there', async () => (await world.view(id)).incident.room.done.length === 6)
    const { room } = (await world.view(id)).incident
    expect(room.troubles.map(({ piece }) => piece).sort()).toEqual(['people', 'pin'])
    await waitFor('the card says so', async () => {
      const card = (await world.messages(room.channel ?? '')).find(({ ts }) => ts === room.card?.ts)
      const words = JSON.stringify(card?.blocks)
      return words.includes('not pinned: Slack says') && words.includes('Not everybody is here')
    })
    expect(room.invited).toContain('U0MINA')
  })

  it('opens a private incident in a private channel, and tells nobody outside', async () => {
    const id = await world.declare({ title: 'Keys leaked', private: true })
    await furnished(id)
    const { room } = (await world.view(id)).incident
    const notices = await world.messages('C0INCIDENTS')
    expect(notices.filter(({ text }) => text.includes('Keys leaked'))).toEqual([])
    expect(world.calls.find(({ args }) => args.name === room.name)?.args).toMatchObject({ is_private: true })
  })
})
