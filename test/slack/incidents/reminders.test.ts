import { afterAll, beforeAll, expect, test } from 'vitest'
import type { IncidentPost } from '../../../src/incidents/ports.js'
import { nextReminder, updateReminder } from '../../../src/incidents/updates.js'
import { wordsOf } from '../../support/person.js'
import { type RoomWorld, rita, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

let world: RoomWorld
beforeAll(async () => {
  world = await roomWorld({ limits: false, history: true })
})
afterAll(() => world.end())

/** An incident with all of its channel and a promise for people outside. */
async function promised(title: string): Promise<number> {
  const leave = world.lead()
  const id = await world.declare({ title })
  await waitFor('its card is there', async () => (await world.view(id)).incident.room.done.length === 7, 20_000)
  await world.change(id, () => ({ set: { nextUpdate: new Date(Date.now() + 60_000) } }))
  await waitFor('all is drawn', async () => (await world.store.incidents.telling.stale(10)).length === 0)
  await leave()
  return id
}

/** What its clock makes due one after the other while nobody can be told. */
async function reminded(id: number, turns: number): Promise<void> {
  const { incident } = await world.view(id)
  let now = new Date(Number(incident.nextUpdate) - 1_800_000)
  for (let turn = 0; turn < turns; turn++) {
    const view = await world.view(id)
    now = nextReminder(view, world.settings, now) ?? now
    await world.change(id, () => updateReminder(view, world.settings, now) ?? {})
  }
}

const say = (id: number, ...posts: IncidentPost[]) => world.change(id, () => ({ posts }))
const note: IncidentPost = { key: 'note:1', to: { kind: 'thread' }, text: 'Somebody noted it.' }
const page = (turn: number, person: string): IncidentPost => ({
  ...{ key: `page:0:${turn}`, to: { kind: 'person', person }, text: `Call ${turn} of ${person}.` },
  drawing: { name: 'page', data: { person, target: { kind: 'person', id: person }, turn, private: false } },
})

/** Tells until nothing is left, and answers what was posted meanwhile. */
async function told(): Promise<string[]> {
  const before = world.calls.length
  const leave = world.lead()
  const { telling } = world.store.incidents
  await waitFor('all is said', async () => (await telling.pending(new Date(), 50)).length === 0, 30_000)
  await leave()
  const posted = world.calls.slice(before).filter(({ method }) => method === 'chat.postMessage')
  return posted.map(({ args }) => String(args.text))
}

const ofRita = `<@${rita.id}>`
const due = `${ofRita}: The next update is due now: people outside were promised one.`

test('what fell due while Slack was away is said once: the newest reminder, with how many there were, and one call for each person', async () => {
  const id = await promised('Slack is away')
  await say(id, page(1, 'U0MINA'))
  await reminded(id, 2)
  await say(id, note, page(2, 'U0MINA'), page(3, 'U0MARCO'))
  await reminded(id, 4)
  expect(await told()).toEqual([
    'Somebody noted it.',
    expect.stringContaining('Call 2 of U0MINA.'),
    expect.stringContaining('Call 3 of U0MARCO.'),
    `${due} 3 reminders before this could not be sent.`,
  ])
  // The next one, in its time, is one like any other.
  await reminded(id, 5)
  expect(await told()).toEqual([due])
})

test('nobody is reminded afterwards of a promise that was kept meanwhile', async () => {
  const id = await promised('Kept its word')
  await reminded(id, 2)
  await world.change(id, () => ({ set: { nextUpdate: new Date(Date.now() + 600_000) } }))
  expect(await told()).toEqual([])
})

test('a reminder that Slack took and did not answer is not sent again, and not counted as missed', async () => {
  const id = await promised('Answers are lost')
  await reminded(id, 1)
  const stop = new AbortController()
  world.state.after = async (method) => {
    if (method !== 'chat.postMessage') return
    stop.abort()
    throw new Error('it died here')
  }
  await world
    .create()
    .round(stop.signal)
    .catch(() => {})
  world.state.after = async () => {}
  await reminded(id, 2)
  expect(await told()).toEqual([due])
  const { channel, card } = (await world.view(id)).incident.room
  const thread = (await world.person.thread(channel ?? '', card?.ts ?? '')).map(wordsOf)
  expect(thread.filter((words) => /update is due soon/.test(words))).toHaveLength(1)
  expect(thread.filter((words) => /update is due now/.test(words))).toHaveLength(1)
})
