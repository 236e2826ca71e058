import { afterAll, expect, test } from 'vitest'
import { marco, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

// Slack is the local workspace with its limits; the rows are PostgreSQL's.
const world = await roomWorld({ limits: false, history: true })
afterAll(() => world.end())
world.settings.stakeholders = 'C0RELEASES'

const publishing = (text: string, phase: 'investigating' | 'identified') => ({
  updates: {
    add: [
      {
        ...{ text, phase, audience: ['stakeholders' as const], draftedBy: marco, draftedAt: new Date() },
        ...{ publishedBy: marco, publishedAt: new Date() },
      },
    ],
  },
})

const digests = async () =>
  (await world.messages('C0RELEASES')).filter(({ text }) => text.includes('INC-')).map(({ ts, text }) => ({ ts, text }))

test('stakeholders have one message of an incident, edited in place; of a private one they have none', async () => {
  const stop = world.lead()
  const id = await world.declare()
  const hidden = await world.declare({ private: true, title: 'Leak' })
  await world.change(id, () => publishing('We look into it.', 'investigating'))
  await world.change(hidden, () => publishing('Nobody reads this.', 'investigating'))
  const [first] = await waitFor('they are told', async () => ((await digests()).length > 0 ? digests() : undefined))
  expect(first?.text).toContain('We look into it.')
  await stop()
  await world.change(id, () => publishing('A release slows it.', 'identified'))
  // Whoever leads next edits the same message.
  const stopNext = world.lead()
  const now = await waitFor('it is edited', async () => {
    const seen = await digests()
    return seen.some(({ text }) => text.includes('A release slows it.')) ? seen : undefined
  })
  expect(now.map(({ ts }) => ts)).toEqual([first?.ts])
  await world.change(id, () => ({ set: { state: 'resolved', resolvedAt: new Date() } }))
  const over = await waitFor('it is over', async () => {
    const seen = await digests()
    return seen.some(({ text }) => text.includes('over after')) ? seen : undefined
  })
  expect(over).toHaveLength(1)
  expect(JSON.stringify(await world.messages('C0RELEASES'))).not.toContain('Nobody reads this.')
  await stopNext()
})

/** One more incident with something for stakeholders, told by an outbox of its own after `trouble`. */
async function toldDespite(title: string, trouble: () => Promise<void>) {
  const id = await world.declare({ title })
  await trouble()
  await world.change(id, () => publishing(`${title} is known.`, 'identified'))
  const mine = async () => (await world.messages('C0RELEASES')).filter(({ text }) => text.includes(title))
  return { id, mine }
}

type Fault = Parameters<typeof world.control.fault>[0]
const posting = { method: 'chat.postMessage', times: 1 }
const faults: [string, Fault][] = [
  ['does not answer after it took the message', { kind: 'drop', ...posting }],
  ['hangs up before it took the message', { kind: 'refuse', ...posting }],
  ['answers 503', { kind: '5xx', ...posting }],
  ['says that there were too many', { kind: '429', ...posting }],
  ['says that the app is not in the channel', { kind: 'error', error: 'not_in_channel', ...posting }],
]

test.each(faults)(
  'stakeholders have one message although Slack %s',
  async (what, fault) => {
    const stop = world.lead()
    const { id, mine } = await toldDespite(`Trouble while Slack ${what}`, async () => {
      // The card of the incident itself is not what the fault is for.
      await settled()
      await world.control.fault(fault)
    })
    await waitFor('they are told', async () => (await mine()).length > 0, 40_000)
    await world.change(id, () => publishing(`${what}, and that is over.`, 'identified'))
    await waitFor('it is edited', async () => JSON.stringify(await mine()).includes('and that is over'), 40_000)
    expect(await mine()).toHaveLength(1)
    await stop()
  },
  90_000,
)

async function settled(): Promise<void> {
  await waitFor(
    'all is told',
    async () => {
      const { telling, rows } = world.store.incidents
      const open = await rows.list({ state: 'open', limit: 100 })
      const waits = [...(await telling.stale(10)), ...(await telling.pending(new Date(), 10))]
      return waits.length === 0 && open.every(({ room }) => room.done.length === 7)
    },
    40_000,
  )
}

test.each(['before', 'after'] as const)(
  'who dies %s the message is posted leaves one, which the next one edits',
  async (when) => {
    const first = world.lead()
    const { id, mine } = await toldDespite(`Dies ${when}`, async () => {
      await settled()
      await first()
      world.state[when] = async (method) => {
        if (method === 'chat.postMessage') await new Promise(() => {})
      }
    })
    void world.create().round(world.never)
    await waitFor('it is at the call', async () =>
      (await world.store.telling.sendings()).some(({ key }) => key === `incident ${id} digest`),
    )
    await new Promise((passed) => setTimeout(passed, 300))
    world.state[when] = async () => {}
    const next = world.lead()
    await waitFor('they are told', async () => (await mine()).length > 0, 40_000)
    await world.change(id, () => publishing('It is over.', 'identified'))
    await waitFor('it is edited', async () => JSON.stringify(await mine()).includes('It is over.'), 40_000)
    expect(await mine()).toHaveLength(1)
    await next()
  },
  90_000,
)

test('one that somebody deleted is posted anew with the next update, once', async () => {
  const stop = world.lead()
  const { id, mine } = await toldDespite('Deleted by somebody', async () => {})
  const [standing] = await waitFor(
    'they are told',
    async () => ((await mine()).length > 0 ? mine() : undefined),
    40_000,
  )
  await world.control.fault({ kind: 'error', method: 'chat.update', error: 'message_not_found', times: 1 })
  await world.person.delete('C0RELEASES', standing?.ts ?? '').catch(() => {})
  await world.change(id, () => publishing('And again.', 'identified'))
  await waitFor('they are told anew', async () => JSON.stringify(await mine()).includes('And again.'), 40_000)
  await stop()
}, 90_000)
