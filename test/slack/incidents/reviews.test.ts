import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GivenReview } from '../../../src/incidents/incident.js'
import { type RoomWorld, rita, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

let world: RoomWorld
let leave: () => Promise<void>
beforeAll(async () => {
  world = await roomWorld({ limits: false })
  leave = world.lead()
})
afterAll(() => world.end())
afterEach(() => world.control.clearFaults())

const roomOf = async (id: number) => (await world.view(id)).incident.room
const hasChannel = (id: number) =>
  waitFor('it has its channel', async () => (await roomOf(id)).done.length === 7, 20_000)
const resolved = async (id: number) =>
  world.change(id, () => ({ set: { state: 'resolved', resolvedAt: new Date(), wakeAt: null } }))
const given = (id: number, as: GivenReview['as']) =>
  waitFor(
    `INC-${id} has its review as a ${as}`,
    async () => {
      const { review, channel, card } = await roomOf(id)
      if (review?.as !== as || review.id === null || (review.as === 'file' && !review.shared)) return undefined
      return { review, channel: channel ?? '', card: card?.ts ?? '' }
    },
    20_000,
  )
const noted = (id: number, text: string) =>
  world.change(id, () => ({ timeline: [{ key: text, kind: 'note', at: new Date(), by: rita, text }] }))
const cardSays = (channel: string, ts: string, words: string) =>
  waitFor(`the card says: ${words}`, async () => {
    const card = (await world.messages(channel)).find((one) => one.ts === ts)
    return JSON.stringify(card?.blocks ?? '').includes(words)
  })
const open = async (title: string, more = {}) => {
  const id = await world.declare({ title, ...more })
  await hasChannel(id)
  return id
}

describe('the review of an incident that is over', () => {
  it('is the canvas of its channel, says so on the card, and is written anew with what comes later', async () => {
    const id = await open('Checkout is slow')
    expect((await roomOf(id)).review).toBeUndefined()
    await resolved(id)
    const { channel, card, review } = await given(id, 'canvas')
    const [canvas] = await world.person.canvases(channel)
    expect(canvas).toMatchObject({ id: review.id, title: `Review of INC-${id}` })
    expect(canvas?.markdown).toContain(`# INC-${id}: Checkout is slow`)
    expect(canvas?.markdown).toContain('words typed here are lost')
    await cardSays(channel, card, 'The review is the canvas of this channel.')
    await noted(id, 'The card network had been slow before')
    await waitFor(
      'the note stands in it',
      async () => (await world.person.canvases(channel))[0]?.markdown.includes('card network had been slow'),
      20_000,
    )
    expect(await world.person.canvases(channel)).toHaveLength(1)
    const mine = world.calls.filter(({ args }) => args.channel_id === channel || args.canvas_id === review.id)
    expect(mine.map(({ method }) => method).filter((name) => name.startsWith('c'))).toEqual([
      'conversations.canvases.create',
      'canvases.edit',
    ])
    expect((await roomOf(id)).troubles).toEqual([])
  }, 60_000)

  it('leaves a canvas alone that somebody wrote before, and is a file in the thread of the card', async () => {
    const id = await open('With notes')
    const channel = (await roomOf(id)).channel ?? ''
    await world.person.writeCanvas(channel, 'What I saw')
    await resolved(id)
    const { card } = await given(id, 'file')
    expect((await world.person.canvases(channel)).map(({ markdown }) => markdown)).toEqual(['What I saw'])
    const replies = (await world.person.thread(channel, card)).filter(({ files }) => files)
    expect(replies).toMatchObject([{ files: [{ name: `inc-${id}-review.md`, mimetype: 'text/markdown' }] }])
    const text = await (await fetch(`${world.workspace.url}${replies[0]?.files?.[0]?.url}`)).text()
    expect(text).toContain(`# INC-${id}: With notes`)
    await cardSays(channel, card, 'a canvas that somebody else wrote')
  }, 60_000)

  it('writes into a canvas that is there and empty', async () => {
    const id = await open('Empty page')
    const channel = (await roomOf(id)).channel ?? ''
    await world.person.writeCanvas(channel, '')
    await resolved(id)
    await given(id, 'canvas')
    await waitFor('it is written', async () =>
      (await world.person.canvases(channel))[0]?.markdown.includes(`# INC-${id}`),
    )
    expect(await world.person.canvases(channel)).toHaveLength(1)
  }, 60_000)

  it.each([
    'canvas_disabled_user_team',
    'missing_scope',
    'team_tier_cannot_create_channel_canvases',
    'free_team_canvas_tab_already_exists',
    'restricted_action',
  ])(
    'is a file where Slack refuses the canvas with %s, and the card says why',
    async (error) => {
      const id = await open(`No canvas ${error}`)
      await world.control.fault({ kind: 'error', method: 'conversations.canvases.create', error })
      await resolved(id)
      const { channel, card, review } = await given(id, 'file')
      expect(review).toMatchObject({ why: error })
      await cardSays(channel, card, error)
      await noted(id, 'something more')
      await new Promise((passed) => setTimeout(passed, 600))
      const files = (await world.person.thread(channel, card)).flatMap((one) => one.files ?? [])
      expect(files).toHaveLength(1)
    },
    60_000,
  )

  it('says on the card when Slack takes neither, names the way out, and is given when Slack takes it again', async () => {
    const id = await open('Nothing goes')
    for (const method of ['conversations.canvases.create', 'files.getUploadURLExternal'])
      await world.control.fault({ kind: 'error', method, error: 'missing_scope' })
    await resolved(id)
    await waitFor('it says so', async () => (await roomOf(id)).troubles.some(({ piece }) => piece === 'review'), 20_000)
    const { channel, card } = await roomOf(id)
    await cardSays(channel ?? '', card?.ts ?? '', 'stands in no page of Slack')
    await cardSays(channel ?? '', card?.ts ?? '', '/incident review shows it as text.')
    await world.control.clearFaults()
    // Whoever leads next tries again.
    await leave()
    leave = world.lead()
    await given(id, 'canvas')
    await waitFor('nothing is wrong any more', async () => (await roomOf(id)).troubles.length === 0)
  }, 60_000)

  it('is there before the channel is archived, however fast that is asked for', async () => {
    const id = await open('Quickly closed')
    await world.change(id, () => ({
      set: { state: 'archived', resolvedAt: new Date(), archivedAt: new Date(), wakeAt: null },
    }))
    await waitFor('it is archived', async () => (await roomOf(id)).archived, 20_000)
    const { channel, review } = await roomOf(id)
    expect(review).toMatchObject({ as: 'canvas' })
    const [canvas] = await world.person.canvases(channel ?? '')
    expect(canvas?.markdown).toContain('Quickly closed')
  }, 60_000)

  it('a canvas that somebody deleted is made again with the next change', async () => {
    const id = await open('Deleted page')
    await resolved(id)
    const { channel, review } = await given(id, 'canvas')
    await world.slack.call('canvases.delete', { canvas_id: review.id })
    await noted(id, 'one more')
    await waitFor('another one stands', async () => (await world.person.canvases(channel)).length === 1, 20_000)
    expect((await world.person.canvases(channel))[0]?.markdown).toContain('one more')
  }, 60_000)
})
