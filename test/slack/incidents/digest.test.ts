import { afterAll, expect, test } from 'vitest'
import { marco, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

// Slack is the local workspace with its limits; the rows are PostgreSQL's.
const world = await roomWorld()
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
  world.lead()
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
})
