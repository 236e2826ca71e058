import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Decision } from '../../../src/incidents/deciding.js'
import type { IncidentView } from '../../../src/incidents/incident.js'
import type { IncidentChange } from '../../../src/incidents/ports.js'
import { archive, reopen, resolve } from '../../../src/incidents/resolving.js'
import { claimRole } from '../../../src/incidents/roles.js'
import { setSeverity } from '../../../src/incidents/severity.js'
import { draftUpdate, publishUpdate, updateReminder } from '../../../src/incidents/updates.js'
import { marco, type RoomWorld, rita, roomWorld } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'

let world: RoomWorld
beforeAll(async () => {
  world = await roomWorld({ limits: false })
  world.lead()
})
afterAll(() => world.end())

const start = Date.now()
const minute = (minutes: number) => new Date(start + minutes * 60_000)

it('an hour of a SEV2 with 30 alerts and 12 changes of its state posts at most 25 messages in its channel', async () => {
  const id = await world.declare({ at: minute(0) })
  const settled = () =>
    waitFor(
      'all is told',
      async () => {
        const stale = await world.store.incidents.telling.stale(10)
        const pending = await world.store.incidents.telling.pending(new Date(), 100)
        return stale.length === 0 && pending.length === 0
      },
      90_000,
    )
  const decide = async (decided: (view: IncidentView) => Decision) => {
    await world.change(id, (view) => changeOf(decided(view)))
    await settled()
  }
  await settled()
  let at = 1
  const by = () => ({ by: rita, now: minute(at++) })
  for (let alert = 0; alert < 30; alert++) await world.change(id, () => alertPost(alert))
  await decide((view) => claimRole({ view, ...by() }, 'commander'))
  await decide((view) => claimRole({ view, by: marco, now: minute(at++) }, 'communications'))
  await decide((view) => setSeverity({ view, ...by() }, 'SEV1', world.settings))
  await decide((view) => setSeverity({ view, ...by() }, 'SEV2', world.settings))
  for (const phase of ['investigating', 'identified', 'monitoring'] as const) {
    await decide((view) =>
      draftUpdate({ view, ...by() }, { text: `We are ${phase}.`, phase, audience: ['stakeholders'] }),
    )
    await decide((view) => publishUpdate({ view, ...by() }, view.updates.at(-1)?.id ?? 0, world.settings))
  }
  await world.change(id, (view) => updateReminder(view, world.settings, minute(59)) ?? {})
  await decide((view) => resolve({ view, ...by() }, world.settings, 'the checks are not set up here'))
  await decide((view) => reopen({ view, ...by() }, world.settings, 'it came back'))
  await decide((view) => resolve({ view, ...by() }, world.settings, 'really over'))
  const { room } = (await world.view(id)).incident
  const messages = await world.messages(room.channel ?? '')
  const inThreads = messages.find(({ ts }) => ts === room.card?.ts)?.reply_count ?? 0
  console.log(`noise: ${messages.length} in the channel (joins and topics included), ${inThreads} in the card’s thread`)
  expect(messages.length).toBeLessThanOrEqual(25)
  expect(inThreads).toBeGreaterThan(30)
  await decide((view) => archive({ view, ...by() }))
  await waitFor('its channel is archived', async () => (await world.view(id)).incident.room.archived === true)
  await decide((view) => reopen({ view, ...by() }, world.settings, 'a third time'))
  // Slack lets no app open an archived channel again, so it goes on in another one.
  const again = await waitFor('it has a channel again', async () => {
    const { room: now } = (await world.view(id)).incident
    return now.done.length === 7 && now.channel !== room.channel && now
  })
  expect(again).toMatchObject({ earlier: room.channel, name: `${room.name}-again` })
}, 300_000)

const alertPost = (nth: number): IncidentChange => ({
  posts: [{ key: `alert:${nth}`, to: { kind: 'thread' }, text: `Alert ${nth} fires.` }],
  timeline: [{ key: `alert:${nth}`, kind: 'alert', at: new Date(), by: null, text: `Alert ${nth} fires.` }],
})

function changeOf(decision: Decision): IncidentChange {
  if (decision.kind !== 'change') throw new Error(JSON.stringify(decision))
  return decision.change
}
