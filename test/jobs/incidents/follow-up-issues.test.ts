import { afterEach, expect, test } from 'vitest'
import { createGithubIssues } from '../../../src/integrations/github-issues.js'
import { followUpsOpened } from '../../../src/jobs/incidents/follow-up-issues.js'
import type { Chore } from '../../../src/jobs/incidents/keeping.js'
import { silentLog } from '../../../src/log.js'
import { followUps } from '../../../src/releases/sections/outside.js'
import { type Answer, answering } from '../../support/edges/answering.js'
import { after, changed, incidentWith } from '../../support/incident-rows.js'
import { afterwardsWorld } from './afterwards-world.js'

// GitHub is faked at the HTTP edge from its documentation of issues.
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function world(refuses: () => Answer | null) {
  const at = await afterwardsWorld()
  closing.push(at.close)
  const issues: { html_url: string; body: string }[] = []
  const edge = await answering(({ method, body }) => {
    const refusal = refuses()
    if (refusal) return refusal
    if (method === 'GET') return { status: 200, body: issues }
    const made = {
      html_url: `https://github.com/acme/shop/issues/${issues.length + 1}`,
      body: (body as { body: string }).body,
    }
    issues.push(made)
    return { status: 201, body: made }
  })
  closing.push(edge.close)
  const settings = followUps.parse({ repository: 'acme/shop', token: 'env:GH', url: edge.url })
  const tracker = createGithubIssues({ settings, secret: async () => 'gh-token', log: silentLog })
  const { issues: rows } = at.store.incidents
  const parts = { tracker, rows, reads: at.store.incidents.reads }
  const chore: Chore = { name: 'follow-ups', tend: (view, now) => followUpsOpened(parts, view, now) }
  return { ...at, issues, edge, view: at.store.incidents.rows.view, look: (id: number) => at.look(id, chore) }
}

const followUp = (text: string) => ({
  tasks: { add: [{ kind: 'follow-up' as const, text, owner: null, createdAt: after(1) }] },
})
const resolved = { set: { state: 'resolved' as const, resolvedAt: after(30), wakeAt: after(30) } }

test('follow-ups become issues when the incident is over, each once, and carry their address', async () => {
  const { store, look, issues, view, time } = await world(() => null)
  const { id } = await incidentWith(store, {}, followUp('Alert on pool use'), followUp('Index the orders'))
  time.now = after(20)
  await look(id)
  expect(issues).toEqual([])
  await changed(store, id, resolved, after(30))
  time.now = after(31)
  await look(id)
  await look(id)
  expect(issues).toHaveLength(2)
  const links = (await view(id))?.tasks.map(({ link }) => link)
  expect(links).toEqual(['https://github.com/acme/shop/issues/1', 'https://github.com/acme/shop/issues/2'])
  const timeline = await store.incidents.reads.timeline(id)
  expect(timeline.filter(({ key }) => key.startsWith('issue:')).map(({ text }) => text)).toEqual([
    'Follow-up goes on as an issue: Alert on pool use',
    'Follow-up goes on as an issue: Index the orders',
  ])
})

test('while GitHub is away it is tried again, and one that was made without an answer is found', async () => {
  const answers: (Answer | null)[] = ['no answer', { status: 503 }]
  const { store, look, view, time, issues } = await world(() => answers.shift() ?? null)
  const { id } = await incidentWith(store, {}, followUp('Alert on pool use'), resolved)
  time.now = after(31)
  await look(id)
  const waiting = await view(id)
  expect(waiting?.tasks[0]?.link).toBeNull()
  expect(waiting?.incident.wakeAt).toEqual(new Date(after(31).getTime() + 10_000))
  for (let minutes = 32; minutes < 40; minutes += 1) {
    time.now = after(minutes)
    await look(id)
  }
  expect((await view(id))?.tasks[0]?.link).toBe('https://github.com/acme/shop/issues/1')
  expect(issues).toHaveLength(1)
})

test('a follow-up that no issue can be opened for is given up, and people are told once', async () => {
  const { store, look, view, told, time, edge } = await world(() => ({ status: 403, body: { message: 'Forbidden' } }))
  const { id } = await incidentWith(store, {}, followUp('Alert on pool use'), resolved)
  for (let hours = 1; hours < 20; hours += 1) {
    time.now = after(hours * 60)
    await look(id)
  }
  expect(edge.heard).toHaveLength(8)
  expect((await view(id))?.incident.wakeAt).toBeNull()
  expect((await told(id)).map(({ to, text }) => [to.kind, text])).toEqual([
    ['thread', 'No issue could be opened for the follow-up “Alert on pool use”, tried 8 times. Open it by hand.'],
  ])
})

test('follow-ups of a private incident are sent nowhere', async () => {
  const { store, look, edge, time } = await world(() => null)
  const { id } = await incidentWith(store, { private: true }, followUp('Rotate the key'), resolved)
  time.now = after(31)
  await look(id)
  expect(edge.heard).toEqual([])
})
