import { afterAll, beforeAll, expect, test } from 'vitest'
import type { IncidentPress } from '../../../src/commands/incident-words.js'
import type { IncidentId, IncidentView } from '../../../src/incidents/incident.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn } from '../../support/desk-world.js'
import { serving, shopText } from '../../support/shop.js'

let world: DeskWorld

beforeAll(async () => {
  const text = shopText.replace(
    '    SEV1:\n      invite:',
    '    SEV1:\n      approvals: { deploy: 0, rollback: 0 }\n      invite:',
  )
  world = await createDeskWorld({ text })
})
afterAll(() => world.close())

async function opened(title: string): Promise<IncidentId> {
  const reply = await world.desk.say(`prod ${title}`, 'incident', asker('U0RITA'))
  return Number(/INC-(\d+)/.exec(JSON.stringify(reply))?.[1])
}

async function viewOf(id: IncidentId): Promise<IncidentView> {
  const view = await world.store.incidents.rows.view(id)
  if (!view) throw new Error(`there is no INC-${id}`)
  return view
}

const press = (by: string, pressed: IncidentPress) => world.desk.pressIncident(pressed, asker(by))

/** A deploy of v1.8.0 to prod that has ended; at SEV1 the file asks nobody for it. */
async function brought(incident: IncidentId): Promise<number> {
  const { run } = await world.store.desk.submit({
    requestKey: `bring ${asker('U0RITA').requestKey}`,
    team: 'T0',
    intent: {
      ...{ job: 'deploy', service: 'storefront', environment: 'prod', input: { version: 'v1.8.0' } },
      recovery: { incident, severity: 'SEV1' },
    },
    ...{ resources: ['storefront/prod'], priority: 0, requestedBy: asker('U0RITA').actor, via: 'slack', parent: null },
    at: world.clock.now(),
  })
  await world.ended(run.id, 'done')
  return run.id
}

test('what was rolled back and brought again is rolled back once more, and two presses are one run each time', async () => {
  world.world.state = serving('v1.7.3')
  const id = await opened('orders fail')
  await press('U0IVY', { name: 'severity', severity: 'SEV1', incident: id })
  const suspect = await brought(id)
  const back = async () => {
    const pressed = ['U0RITA', 'U0MARCO'].map((by) => press(by, { name: 'roll back', run: suspect, incident: id }))
    const [one, other] = (await Promise.all(pressed)).map(acceptedRun)
    expect(one).toBe(other)
    await world.ended(one ?? 0, 'done')
    expect(world.world.state.serving).toBe('v1.7.3')
    return one ?? 0
  }
  const first = await back()
  expect(refusalIn(await press('U0RITA', { name: 'roll back', run: suspect, incident: id })).code).toBe(
    'nothing-to-roll-back',
  )
  await brought(id)
  expect(world.world.state.serving).toBe('v1.8.0')
  const second = await back()
  expect(second).not.toBe(first)
  const recoveries = (await viewOf(id)).runs.filter(({ part }) => part === 'recovery').map(({ run }) => run)
  expect(recoveries).toEqual(expect.arrayContaining([first, second]))
  const asked = (await world.store.incidents.reads.timeline(id)).filter(({ text }) =>
    text.includes('asked to roll back'),
  )
  expect(asked).toHaveLength(2)
})

test('a task, a draft and a note that are delivered twice, to two desks at the same moment or later, are there once', async () => {
  const id = await opened('mails are double')
  const other = world.another()
  const wishes: IncidentPress[] = [
    { name: 'task', text: 'ask the bank' },
    { name: 'follow-up', text: 'write it down' },
    { name: 'draft', text: 'Mails come twice.', phase: 'identified', audience: ['stakeholders'] },
    { name: 'note', text: 'since noon' },
  ].map((wish) => ({ ...wish, incident: id }) as IncidentPress)
  for (const wish of wishes) {
    const one = asker('U0RITA')
    const delivered = await Promise.all([world.desk, other].map((desk) => desk.pressIncident(wish, one)))
    const again = await other.pressIncident(wish, one)
    for (const reply of [...delivered, again]) expect(reply.kind).toBe('said')
    expect(again).toEqual({ kind: 'said', text: 'This is written down already.' })
  }
  const { tasks, updates } = await viewOf(id)
  expect(tasks.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(['task: ask the bank', 'follow-up: write it down'])
  expect(updates.map((update) => update.text)).toEqual(['Mails come twice.'])
  // The same words said once more by somebody are a task of their own.
  await press('U0MARCO', { name: 'task', text: 'ask the bank', incident: id })
  expect((await viewOf(id)).tasks).toHaveLength(3)
  const entries = (await world.store.incidents.reads.timeline(id)).filter(({ kind }) => kind !== 'declared')
  expect(entries.map(({ kind }) => kind)).toEqual(['task', 'task', 'update', 'note', 'task'])
})
