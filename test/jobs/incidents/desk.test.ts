import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IncidentPress } from '../../../src/commands/incident-words.js'
import type { Reply } from '../../../src/commands/reply.js'
import type { IncidentId, IncidentView } from '../../../src/incidents/incident.js'
import { callNow } from '../../../src/incidents/paging/paging.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn, shown } from '../../support/desk-world.js'
import { serving, shopText } from '../../support/shop.js'

let world: DeskWorld
const text = shopText.replace(
  '    SEV1:\n      invite:',
  '    SEV1:\n      approvals: { deploy: 0, rollback: 0 }\n      invite:',
)

beforeAll(async () => {
  world = await createDeskWorld({ text })
})
afterAll(() => world.close())

const saidIn = (reply: Reply): string => {
  if (reply.kind === 'said') return reply.text
  throw new Error(`not said: ${JSON.stringify(reply)}`)
}
const idIn = (reply: Reply): IncidentId => Number(/INC-(\d+)/.exec(saidIn(reply))?.[1])

async function opened(title: string, by = 'U0RITA'): Promise<IncidentId> {
  return idIn(await world.desk.say(`prod ${title}`, 'incident', asker(by)))
}

async function viewOf(id: IncidentId): Promise<IncidentView> {
  const view = await world.store.incidents.rows.view(id)
  if (!view) throw new Error(`there is no INC-${id}`)
  return view
}

const press = (by: string, pressed: IncidentPress) => world.desk.pressIncident(pressed, asker(by))

describe('an incident is opened', () => {
  test('once for a request, whoever asks again with it', async () => {
    const again = () => world.desk.say('prod carts are empty', 'incident', asker('U0RITA', 'slack', 'one request'))
    const [first, second] = [await again(), await again()]
    expect(idIn(second)).toBe(idIn(first))
    expect(saidIn(second)).toContain('is open for this already')
    expect((await viewOf(idIn(first))).incident).toMatchObject({ title: 'carts are empty', environment: 'prod' })
  })

  test('once from a failed run, although two people press at the same moment', async () => {
    const run = acceptedRun(await world.desk.say('prod v1.8.0', 'deploy', asker('U0RITA')))
    const replies = await Promise.all(['U0RITA', 'U0MARCO'].map((by) => press(by, { name: 'declare from run', run })))
    expect(new Set(replies.map(idIn)).size).toBe(1)
    expect((await viewOf(idIn(replies[0] as Reply))).incident).toMatchObject({
      source: { kind: 'run', run },
      service: 'storefront',
      environment: 'prod',
    })
    await world.desk.press({ name: 'cancel', run, reason: 'enough' }, asker('U0RITA'))
  })

  test('by nobody who is a guest, and nobody who Slack cannot tell', async () => {
    expect(refusalIn(await world.desk.say('prod it is slow', 'incident', asker('U0GUS'))).what).toBe(
      'You may not open incidents.',
    )
    world.people.state.offline = true
    const reply = await world.desk.say('prod it is slow', 'incident', asker('U0RITA'))
    world.people.state.offline = false
    expect(refusalIn(reply)).toMatchObject({ code: 'standing-unknown' })
  })
})

test('publishing is for those whom the file names; drafting is for everybody who may respond', async () => {
  const id = await opened('payments fail')
  const draft = { name: 'draft', text: 'Payments fail.', phase: 'investigating', audience: ['status page'] } as const
  saidIn(await press('U0RITA', { ...draft, audience: [...draft.audience], incident: id }))
  const update = (await viewOf(id)).updates[0]?.id ?? 0
  expect(refusalIn(await press('U0RITA', { name: 'publish', update, incident: id }))).toMatchObject({
    code: 'may-not',
    what: 'You may not publish updates.',
  })
  saidIn(await press('U0MARCO', { name: 'publish', update, incident: id }))
  expect((await viewOf(id)).updates[0]?.publishedBy?.id).toBe('U0MARCO')
})

test('a private incident is, for who was not called, as good as not there', async () => {
  const hidden = await press('U0MINA', { name: 'note', text: 'x', incident: 999_999 })
  const values = { title: 'A token leaked', severity: 'SEV4', service: '', environment: '', private: 'yes' }
  const reply = await world.store.incidents.rows.declare({
    requestKey: 'private',
    team: 'T0',
    title: values.title,
    service: null,
    environment: null,
    severity: 'SEV4',
    private: true,
    source: { kind: 'person' },
    declaredBy: asker('U0RITA').actor,
    via: 'slack',
    roles: ['commander'],
    slug: 'private',
    at: world.clock.now(),
  })
  const { id } = reply.incident
  const without = (one: Reply, number: number) => JSON.stringify(one).replaceAll(`INC-${number}`, 'INC')
  const seen = await press('U0MINA', { name: 'note', text: 'x', incident: id })
  expect(without(seen, id)).toBe(without(hidden, 999_999))
  const listed = await world.desk.say('list', 'incident', asker('U0MINA'))
  expect(JSON.stringify(listed)).not.toContain('A token leaked')
  saidIn(await press('U0RITA', { name: 'note', text: 'It is the old one.', incident: id }))
})

test('which incident is meant: the one named, else that of the channel, else the only one that is open', async () => {
  const [one, two] = [await opened('search is slow'), await opened('mails are late')]
  const { room } = (await viewOf(two)).incident
  await world.store.incidents.telling.furnished(two, { ...room, channel: 'C0MAILS' })
  saidIn(await world.desk.say('note seen in the log', 'incident', { ...asker('U0RITA'), channel: 'C0MAILS' }))
  const told = async (id: IncidentId) =>
    (await world.store.incidents.reads.timeline(id)).some((entry) => entry.text.includes('seen in the log'))
  expect([await told(one), await told(two)]).toEqual([false, true])
  expect(refusalIn(await world.desk.say('note and this', 'incident', asker('U0RITA'))).code).toBe('incident-unknown')
})

test('of two who claim a role at the same moment one has it, and the other is told who', async () => {
  const id = await opened('stock is wrong')
  const people = ['U0RITA', 'U0MARCO', 'U0MINA', 'U0IVY']
  const replies = await Promise.all(people.map((by) => press(by, { name: 'role', role: 'commander', incident: id })))
  const commander = (await viewOf(id)).incident.roles.find(({ role }) => role === 'commander')?.person
  expect(replies.filter(({ kind }) => kind === 'said')).toHaveLength(1)
  for (const reply of replies.filter(({ kind }) => kind !== 'said'))
    expect(refusalIn(reply)).toMatchObject({ code: 'role-taken', why: `${commander?.name} is commander.` })
})

test('it is resolved against the gate with a reason only, reopened, and folded into another one', async () => {
  const [id, other] = [await opened('images are missing'), await opened('images are gone')]
  expect(refusalIn(await press('U0RITA', { name: 'resolve', reason: ' ', incident: id })).code).toBe('gate-closed')
  saidIn(await press('U0RITA', { name: 'resolve', reason: 'I see them again', incident: id }))
  expect((await viewOf(id)).incident.state).toBe('resolved')
  const timeline = await world.store.incidents.reads.timeline(id)
  expect(timeline.some((entry) => entry.text.includes('against the gate') && entry.text.includes('I see them'))).toBe(
    true,
  )
  expect(saidIn(await press('U0MARCO', { name: 'resolve', reason: 'me too', incident: id }))).toContain('is resolved')
  saidIn(await press('U0MARCO', { name: 'reopen', reason: 'they are gone again', incident: id }))
  expect((await viewOf(id)).incident).toMatchObject({ state: 'open', resolvedAt: null })
  saidIn(await press('U0IVY', { name: 'duplicate', of: id, incident: other }))
  expect((await viewOf(other)).incident).toMatchObject({ state: 'duplicate', duplicateOf: id })
  expect(saidIn(await press('U0MINA', { name: 'duplicate', of: id, incident: other }))).toContain('already')
})

const paper = `---
severity: SEV2
alerts: []
services: []
symptoms: [slow]
---

# Slow

It is slow.

## 1. Look at the traffic

\`\`\`yaml shipmate
key: traffic
\`\`\`

## 2. Do: Turn to another release

\`\`\`yaml shipmate
key: turn
do: deploy
with: { version: v1.8.0 }
\`\`\`
`

test('a guide is begun once for two presses, and its do once for two, with the rights of whoever pressed', async () => {
  world.guides.put('slow', paper)
  world.world.state = serving('v1.7.3')
  const id = await opened('the shop is slow')
  await press('U0IVY', { name: 'severity', severity: 'SEV1', incident: id })
  await Promise.all(['U0RITA', 'U0MARCO'].map((by) => press(by, { name: 'guide', guide: 'slow', incident: id })))
  const guides = (await viewOf(id)).runs.filter(({ part }) => part === 'guide')
  expect(guides).toHaveLength(1)
  const run = guides[0]?.run ?? 0

  expect(
    saidIn(
      await press('U0RITA', { name: 'take', step: 'traffic', incident: id }).then(async (first) => {
        await world.asks(run)
        return first.kind === 'said' ? first : press('U0RITA', { name: 'take', step: 'traffic', incident: id })
      }),
    ),
  ).toContain('You are at “')
  expect((await world.store.desk.view(run))?.steps.find(({ key }) => key === 'traffic')?.taken?.by.id).toBe('U0RITA')
  expect(saidIn(await press('U0RITA', { name: 'take', step: 'traffic', incident: id }))).toBe('You are at it already.')
  expect(refusalIn(await press('U0RITA', { name: 'take', step: 'nothing', incident: id })).code).toBe(
    'guide-step-unknown',
  )

  const waits = (key: string) => (view: { steps: { key: string; state: string }[] }) =>
    view.steps.some((step) => step.key === key && step.state === 'waiting')
  const choose = async (by: string, key: string, answer: string) => {
    const view = await world.until(run, `asks ${key}`, waits(key))
    return world.desk.press({ name: 'choose', ...shown(view, key), answer, reason: '' }, asker(by))
  }
  await choose('U0RITA', 'traffic', 'done')

  // Ivy may respond to incidents, and may not deploy.
  expect(refusalIn(await choose('U0IVY', 'turn', 'do')).code).toBe('may-not')
  expect((await world.store.desk.view(run))?.steps.find(({ key }) => key === 'turn')?.state).toBe('waiting')

  const view = await world.until(run, 'asks turn', waits('turn'))
  const pressed = { name: 'choose' as const, ...shown(view, 'turn'), answer: 'do', reason: '' }
  await Promise.all(['U0RITA', 'U0MARCO'].map((by) => world.desk.press(pressed, asker(by))))
  const children = (await viewOf(id)).runs.filter(({ part }) => part === 'recovery')
  expect(children).toHaveLength(1)
  const child = await world.ended(children[0]?.run ?? 0, 'done')
  // At SEV1 the file asks nobody else, where prod usually asks one.
  expect(child.steps.some(({ key }) => key === 'approve')).toBe(false)
  expect(child.run.parent).toBe(run)
})

test('a question of a guide is answered once: whoever is second is told who was first, and that it does not count', async () => {
  world.guides.put(
    'asks',
    `${paper.slice(0, paper.indexOf('## 1.'))}## 1. Ask: Is it the bank?\n\n- **Yes**: wait\n- **No**: look\n`,
  )
  const id = await opened('nobody can pay')
  await press('U0RITA', { name: 'guide', guide: 'asks', incident: id })
  const run = (await viewOf(id)).incident.guide ?? 0
  const view = await world.asks(run)
  const key = view.steps[0]?.key ?? ''
  const choose = (by: string, answer: string) =>
    world.desk.press({ name: 'choose', ...shown(view, key), answer, reason: '' }, asker(by))
  const pressed = [
    ['U0RITA', 'no'],
    ['U0MARCO', 'yes'],
    ['U0MINA', 'no'],
  ] as const
  const replies = await Promise.all(pressed.map(([by, answer]) => choose(by, answer)))
  const given = (await world.store.desk.view(run))?.answers ?? []
  expect(given).toHaveLength(1)
  expect(replies.filter(({ kind }) => kind === 'said')).toHaveLength(1)
  for (const reply of replies.filter(({ kind }) => kind === 'refused')) {
    expect(refusalIn(reply).code).toBe('closed')
    expect(refusalIn(reply).why).toContain(given[0]?.person.name)
  }
  const after = await world.until(run, 'goes on', ({ steps }) => steps[0]?.state === 'passed')
  expect(after.answers.map(({ answer }) => answer)).toEqual(given.map(({ answer }) => answer))
})

test('who is called again after somebody had answered can answer again, and is called no more', async () => {
  const id = await opened('search is down')
  await press('U0RITA', { name: 'acknowledge', incident: id })
  const view = await viewOf(id)
  const call = callNow({ view, by: asker('U0RITA').actor, now: world.clock.now() }, null)
  if (call.kind !== 'change') throw new Error('nobody was called')
  const { rows, pages } = world.store.incidents
  await rows.write(id, view.incident.version, call.change, world.clock.now())
  const before = await pages.record(id)
  expect(before.acknowledgedAt).not.toBeNull()
  expect(saidIn(await press('U0MARCO', { name: 'acknowledge', incident: id }))).toContain('Nobody else is called')
  const { acknowledgedAt, calls } = await pages.record(id)
  expect(acknowledgedAt?.getTime()).toBeGreaterThan(before.acknowledgedAt?.getTime() ?? 0)
  expect(acknowledgedAt?.getTime()).toBeGreaterThanOrEqual(calls.at(-1)?.at.getTime() ?? Number.POSITIVE_INFINITY)
})
