import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { replyLines } from '../../../src/cli/drawing/reply-lines.js'
import { runLine } from '../../../src/cli/drawing/run-lines.js'
import { revived } from '../../../src/cli/revived.js'
import type { Reply } from '../../../src/commands/reply.js'
import { createPager } from '../../../src/incidents/paging/pager.js'
import { callNow } from '../../../src/incidents/paging/paging.js'
import { drillScored } from '../../../src/jobs/incidents/drill-scoring.js'
import { keepOne } from '../../../src/jobs/incidents/keeping.js'
import { silentLog } from '../../../src/log.js'
import { defineAction, defineCheck } from '../../../src/runs/abilities.js'
import { hasEnded, type RunId, type RunView } from '../../../src/runs/run.js'
import { runCard } from '../../../src/slack/cards/run-card.js'
import { guideCard } from '../../../src/slack/incidents/guide-card.js'
import { replyMessage } from '../../../src/slack/replies.js'
import { textOf } from '../../slack/text-of.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn, shown } from '../../support/desk-world.js'
import { serving, shopText } from '../../support/shop.js'
import { waitFor } from '../../support/wait-for.js'

const shop = { broken: true }
const answers = defineCheck({
  name: 'shop.answers',
  input: z.unknown(),
  run: async () =>
    shop.broken ? { outcome: 'fail', summary: 'it answers 503' } : { outcome: 'pass', summary: 'fine' },
})
const mend = defineAction({
  name: 'shop.mend',
  input: z.unknown(),
  fence: 'key',
  run: async () => {
    shop.broken = false
    return { evidence: { summary: 'mended' } }
  },
})

const paper = `# Shop is broken

It answers with errors.

## 1. Check: the shop answers

\`\`\`yaml shipmate
key: answers
check: shop.answers
\`\`\`

## 2. Do: Mend the shop

\`\`\`yaml shipmate
key: mend
when: answers failed
do: shop.mend
minutes: 3
proof: [answers]
\`\`\`

## 3. Say: that it was broken

> The shop was broken.

\`\`\`yaml shipmate
key: tell
to: status page
\`\`\`

## 4. Ask the bank

\`\`\`yaml shipmate
key: bank
minutes: 1
\`\`\`
`

const text = shopText.replace(
  '      rollback:\n        quorum: 0',
  '      operate: { quorum: 1, groups: [release-managers] }\n      rollback:\n        quorum: 0',
)

let world: DeskWorld
beforeAll(async () => {
  world = await createDeskWorld({ text, checks: [answers], actions: [mend] })
  world.guides.put('shop-broken', paper)
  world.guides.put('never', paper.replace('Shop is broken', 'Never'))
})
afterAll(() => world.close())

const said = (reply: Reply): string => {
  if (reply.kind === 'said') return reply.text
  throw new Error(`not said: ${JSON.stringify(reply)}`)
}

/** The clock of incidents looks once, as a worker's does. */
async function looked(incident: number) {
  const { incidents, desk: runs, signals, leadership } = world.store
  const parts = { runs, reads: incidents.reads, rehearsals: incidents.rehearsals }
  await keepOne(
    {
      ...{ catalogue: world.catalogue, store: incidents.rows, reads: incidents.reads, runs, signals, leadership },
      ...{ abilities: world.abilities, clues: { own: [], outside: [] }, gateChecks: () => [], rounds: [] },
      chores: [{ name: 'drills', tend: (view, now) => drillScored(parts, view, now) }],
      ...{ roundEvery: 1_000, clock: world.clock, log: silentLog },
    },
    incident,
    new AbortController().signal,
  )
}

async function begun(guide: string): Promise<{ incident: number; run: RunId }> {
  const reply = said(await world.desk.say(`drill ${guide} prod`, 'ops', asker('U0RITA')))
  const incident = Number(/INC-(\d+)/.exec(reply)?.[1])
  const view = await world.store.incidents.rows.view(incident)
  return { incident, run: view?.incident.guide ?? 0 }
}

const waits = (key: string) => (view: RunView) =>
  view.steps.some((step) => step.key === key && step.state === 'waiting')

async function choose(run: RunId, by: string, key: string, answer: string) {
  const view = await world.until(run, `asks ${key}`, waits(key))
  const reason = answer === 'skip' ? 'there is no bank' : ''
  return world.desk.press({ name: 'choose', ...shown(view, key), answer, reason }, asker(by))
}

/** Time passes until a run that is parked between looks has ended. */
const wentOn = (run: RunId, what: string, holds: (view: RunView) => boolean) =>
  waitFor(what, async () => {
    const view = await world.store.desk.view(run)
    if (view && holds(view)) return view
    if (view?.steps.some(({ step, state }) => step.verb === 'check' && state === 'waiting')) world.clock.pass(1_000)
    return undefined
  })

async function roomPosts(incident: number) {
  const posts = await world.store.incidents.telling.pending(new Date('2100-01-01'), 500)
  return posts.filter((post) => post.incident === incident)
}

test('a drill is scored at its end from its rows, is over then, and the guide says how it went', async () => {
  const { incident, run } = await begun('shop-broken')
  const at = await choose(run, 'U0MARCO', 'mend', 'do')
  const child = acceptedRun(at)
  const asked = await world.asks(child)
  expect(asked.run.intent.recovery).toEqual({ incident, severity: 'SEV4', drill: true })
  expect(textOf(runCard(asked, world.clock.now()))).toMatch(/DRILL.*operate of storefront.*waiting for approval/s)
  expect(textOf(runCard(asked, world.clock.now()))).toContain(`DRILL: begun in INC-${incident}`)
  expect(runLine(asked.run)).toMatch(/^#\d+ {2}DRILL operate storefront/)
  const approved = await world.desk.press({ name: 'approve', ...shown(asked) }, asker('U0MINA'))
  expect(said(approved)).toContain('(DRILL, ')
  await world.ended(child, 'done')
  await wentOn(run, 'the say is asked', waits('tell'))
  said(await choose(run, 'U0RITA', 'tell', 'draft'))
  await world.until(run, 'asks bank', waits('bank'))
  world.clock.pass(2 * 60_000)
  said(await choose(run, 'U0IVY', 'bank', 'skip'))
  const guide = await wentOn(run, 'the guide ends', ({ run: one }) => hasEnded(one.state))
  expect(textOf(guideCard(guide))).toMatch(/^.*DRILL.*Guide.*Shop is broken/)

  for (const _ of [1, 2, 3]) await looked(incident)
  const view = await world.store.incidents.rows.view(incident)
  expect(view?.incident.state).toBe('resolved')
  const timeline = await world.store.incidents.reads.timeline(incident)
  const scored = timeline.filter(({ key }) => key.startsWith('drill-scored:'))
  expect(scored).toHaveLength(1)
  expect(scored[0]?.data).toMatchObject({
    ...{ guide: 'shop-broken', run, points: 3, of: 4, findings: ['the shop answers'], turned: ['the shop answers'] },
    ...{ steps: { done: 3, skipped: 1, failed: 0, left: 0 }, late: ['Ask the bank'], unproven: [] },
    people: ['Rita', 'Marco', 'Ivy', 'Mina'],
  })
  const data = scored[0]?.data as { [name: string]: number }
  expect(data.found).toBeLessThanOrEqual(data.repaired ?? 0)
  expect(data.firstAct).toBeLessThanOrEqual(data.repaired ?? 0)
  expect(data.repaired).toBeLessThan(data.ended ?? 0)
  const told = (await roomPosts(incident)).filter(({ key }) => key.startsWith('drill-scored:'))
  expect(told.map(({ to }) => to.kind)).toEqual(['room'])
  expect(told[0]?.text).toMatch(
    /^\*The drill is over: 3 of 4 points\.\*\nFault: found after .* \(“the shop answers”\), repaired after .*: “the shop answers” passed\.\n/,
  )
  expect(told[0]?.text).toContain(
    'Steps: 3 done, 1 skipped, 0 left.\nLate: “Ask the bank”.\nTook part: Rita, Marco, Ivy, Mina.',
  )

  const list = await world.desk.say('drill', 'ops', asker('U0RITA'))
  expect(replyLines(revived(JSON.stringify(list)) as Reply, world.clock.now())).toEqual([
    'never · Never · never rehearsed',
    expect.stringMatching(
      new RegExp(`^shop-broken · Shop is broken · rehearsed .* ago, 3 of 4 points \\(INC-${incident}\\)$`),
    ),
  ])
  const scene = { now: world.clock.now(), channelOf: () => null, settings: world.catalogue.incidents }
  expect(textOf(replyMessage(list, scene))).toMatch(/2 guides, 1 never rehearsed.*never rehearsed.*3 of 4 points/s)
  const paperOf = async (name: string) =>
    textOf(replyMessage(await world.desk.say(`guide ${name}`, 'ops', asker('U0RITA')), scene))
  expect(await paperOf('shop-broken')).toMatch(/Shop is broken.*rehearsed .*3 of 4 points/s)
  expect(await paperOf('never')).toMatch(/Never.*never rehearsed/s)
})

test('a drill that people leave is scored as far as it went, and finding nothing is not scored as finding', async () => {
  shop.broken = false
  const { incident, run } = await begun('shop-broken')
  await world.until(run, 'asks', waits('tell'))
  said(await world.desk.pressIncident({ name: 'resolve', incident, reason: 'lunch' }, asker('U0RITA')))
  await looked(incident)
  const scored = (await world.store.incidents.reads.timeline(incident)).find(({ key }) =>
    key.startsWith('drill-scored:'),
  )
  expect(scored?.data).toMatchObject({ points: 0, of: 1, found: null, repaired: null, firstAct: null, late: null })
  expect(scored?.data.steps).toEqual({ done: 1, skipped: 1, failed: 0, left: 2 })
})

test('nothing of a drill goes out, nobody is called, and its deploys count in no measure', async () => {
  world.world.state = serving('v1.7.3')
  world.guides.put(
    'deploys',
    `${paper.slice(0, paper.indexOf('## 1.'))}## 1. Do: Deploy\n\n\`\`\`yaml shipmate\nkey: out\ndo: deploy\nwith: { version: v1.8.0 }\n\`\`\`\n`,
  )
  const { incident, run } = await begun('deploys')
  const press = (by: string, act: object) => world.desk.pressIncident({ ...act, incident } as never, asker(by))
  said(await press('U0IVY', { name: 'severity', severity: 'SEV1' }))
  said(
    await press('U0RITA', {
      name: 'draft',
      text: 'All is lost.',
      phase: 'investigating',
      audience: ['status page', 'customers', 'stakeholders'],
    }),
  )
  const rows = world.store.incidents
  const update = (await rows.rows.view(incident))?.updates[0]?.id ?? 0
  expect(said(await press('U0MARCO', { name: 'publish', update }))).toContain('nobody outside reads it')
  expect(await rows.deliveries.of(incident)).toEqual([])
  expect((await rows.public.incidents(new Date(0))).map(({ id }) => id)).not.toContain(incident)
  const view = await rows.rows.view(incident)
  expect(view?.updates[0]).toMatchObject({ audience: [], publishedBy: { id: 'U0MARCO' } })

  const { onCall, zone, incidents: settings } = world.catalogue
  if (!onCall || !view) throw new Error('the shop has a rota')
  const pager = createPager({
    section: onCall,
    zone,
    settings,
    desk: rows.pages,
    isCalledElsewhere: async () => false,
    onCallElsewhere: async () => null,
    byItself: true,
  })
  expect(await pager.look(view, world.clock.now())).toBeNull()
  expect((await rows.pages.record(incident)).pages).toEqual([])
  const call = callNow({ view, by: asker('U0RITA').actor, now: world.clock.now() }, null)
  expect(call).toMatchObject({ kind: 'denied', denial: { code: 'drill-calls-nobody' } })
  // What alerts join is looked for among these.
  expect((await rows.reads.openAt(null, null)).map(({ id }) => id)).not.toContain(incident)

  const child = acceptedRun(await choose(run, 'U0MARCO', 'out', 'do'))
  const asked = await world.asks(child)
  expect(asked.steps.filter(({ step }) => step.verb === 'say').map(({ step }) => 'text' in step && step.text)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^DRILL: /)]),
  )
  await world.desk.press({ name: 'approve', ...shown(asked) }, asker('U0MINA'))
  await world.ended(child, 'done')
  const real = acceptedRun(await world.desk.say('prod v1.9.0', 'deploy', asker('U0RITA')))
  await world.desk.press({ name: 'approve', ...shown(await world.asks(real)) }, asker('U0MINA'))
  await world.ended(real, 'done')
  const measured = await rows.measures.deploys('prod', new Date(0), new Date('2100-01-01'))
  expect(measured.map((one) => one.run)).toEqual([real])
  await looked(incident)
  expect((await rows.rows.view(incident))?.runs.map((one) => one.run)).not.toContain(real)
  expect(
    refusalIn(await world.desk.pressIncident({ name: 'roll back', run: 999_999, incident }, asker('U0RITA'))).code,
  ).toBe('run-unknown')
})
