import { afterAll, beforeAll, expect, it } from 'vitest'
import { diesAt } from '../../support/rooms/dying.js'
import { type RoomWorld, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

let world: RoomWorld
beforeAll(async () => {
  world = await roomWorld({ limits: false, history: true })
})
afterAll(() => world.end())

const asCanvas = ['conversations.info', 'conversations.canvases.create'] as const
const asFile = ['files.getUploadURLExternal', 'upload', 'files.completeUploadExternal'] as const
const points = (['canvas', 'file'] as const).flatMap((as) =>
  (as === 'canvas' ? asCanvas : asFile).flatMap((method) => [
    { as, method, when: 'before' as const },
    { as, method, when: 'after' as const },
  ]),
)

it.each(points)(
  'a process that dies $when $method leaves the review to the next one, which gives one $as',
  async ({ as, method, when }) => {
    const id = await world.declare({ title: `Review dies ${when} ${method}` })
    const first = world.create()
    await waitFor('it has its channel', async () => {
      await first.round(world.never)
      return (await world.view(id)).incident.room.done.length === 7
    })
    if (as === 'file')
      await world.control.fault({ kind: 'error', method: 'conversations.canvases.create', error: 'restricted_action' })
    await world.change(id, () => ({ set: { state: 'resolved', resolvedAt: new Date(), wakeAt: null } }))
    await diesAt(world, when, method)
    const next = world.create()
    const room = await waitFor(
      'the next one gave it',
      async () => {
        await next.round(world.never)
        const { room: now } = (await world.view(id)).incident
        const { review } = now
        return review?.as === as && review.id !== null && (review.as === 'canvas' || review.shared) ? now : undefined
      },
      20_000,
    )
    await next.round(world.never)
    await world.control.clearFaults()
    const canvases = await world.person.canvases(room.channel ?? '')
    const replies = await world.person.thread(room.channel ?? '', room.card?.ts ?? '')
    const files = replies.flatMap((one) => one.files ?? [])
    expect([canvases.length, files.length]).toEqual(as === 'canvas' ? [1, 0] : [0, 1])
    if (as === 'canvas') expect(canvases[0]?.markdown).toContain(`# INC-${id}`)
  },
  60_000,
)

it.each([
  ['canvas', 'conversations.canvases.create'],
  ['file', 'files.completeUploadExternal'],
] as const)('a %s that Slack made without an answer to %s is found, and not made twice', async (as, method) => {
  const id = await world.declare({ title: `No answer to ${method}` })
  const outbox = world.create()
  const rounds = (what: string, look: () => Promise<boolean>) =>
    waitFor(
      what,
      async () => {
        await outbox.round(world.never)
        return look()
      },
      20_000,
    )
  const roomOf = async () => (await world.view(id)).incident.room
  await rounds('it has its channel', async () => (await roomOf()).done.length === 7)
  if (as === 'file')
    await world.control.fault({ kind: 'error', method: 'conversations.canvases.create', error: 'restricted_action' })
  await world.control.fault({ kind: 'drop', method, times: 1 })
  await world.change(id, () => ({ set: { state: 'resolved', resolvedAt: new Date(), wakeAt: null } }))
  await rounds('it stands', async () => {
    const { review } = await roomOf()
    return review?.as === as && review.id !== null && (review.as === 'canvas' ? review.digest !== '' : review.shared)
  })
  await world.control.clearFaults()
  const { channel, card } = await roomOf()
  const replies = await world.person.thread(channel ?? '', card?.ts ?? '')
  const there = [(await world.person.canvases(channel ?? '')).length, replies.flatMap((one) => one.files ?? []).length]
  expect(there).toEqual(as === 'canvas' ? [1, 0] : [0, 1])
})
