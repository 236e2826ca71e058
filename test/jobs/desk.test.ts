import { afterEach, expect, test } from 'vitest'
import type { Via } from '../../src/commands/command.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn, shown } from '../support/desk-world.js'
import { shopText } from '../support/shop.js'

let open: DeskWorld | null = null
afterEach(async () => {
  await open?.close()
  open = null
})

async function world(options?: Parameters<typeof createDeskWorld>[0]) {
  open = await createDeskWorld(options)
  return open
}

/** Rita asks for a deploy to prod; the run waits for a release manager. */
async function asked(w: DeskWorld, words = 'prod v1.8.0') {
  return w.asks(acceptedRun(await w.desk.say(words, 'deploy', asker('U0RITA'))))
}

async function deployed(w: DeskWorld, words = 'prod v1.8.0') {
  const view = await asked(w, words)
  await w.desk.press({ name: 'approve', ...shown(view) }, asker('U0MARCO'))
  return w.ended(view.run.id, 'done')
}

test('a deploy is asked for, approved by somebody else, and done', async () => {
  const w = await world()
  const reply = await w.desk.say('prod v1.8.0', 'deploy', asker('U0RITA'))
  const run = acceptedRun(reply)
  expect(reply).toMatchObject({
    first: true,
    text: `You asked for storefront v1.8.0 → prod: run #${run}.\nIts plan is being made.`,
  })
  const view = await w.asks(run)
  expect(await w.desk.press({ name: 'approve', ...shown(view) }, asker('U0MARCO'))).toEqual({
    kind: 'said',
    text: `Your approval of #${run} (storefront v1.8.0 → prod) counts.\n1 of 1 approval: that is enough.`,
  })
  await w.ended(run, 'done')
  expect(w.world.state.serving).toBe('v1.8.0')
})

test('the newest release becomes a version when it is asked for, so that a later one voids no approval', async () => {
  const w = await world()
  const view = await asked(w, 'prod')
  expect(view.run.intent.input).toEqual({ version: 'v1.9.0' })
})

test('the same request twice is one run', async () => {
  const w = await world()
  const first = acceptedRun(await w.desk.say('prod', 'deploy', asker('U0RITA', 'slack', 'twice')))
  const again = await w.desk.say('prod', 'deploy', asker('U0RITA', 'slack', 'twice'))
  expect(again).toMatchObject({ kind: 'accepted', first: false, run: { id: first } })
})

test('a request that comes again after its run has ended is the same run, not a refusal', async () => {
  const w = await world()
  const ask = () => w.desk.say('prod v1.8.0', 'deploy', asker('U0RITA', 'slack', 'again'))
  const run = acceptedRun(await ask())
  await w.desk.press({ name: 'approve', ...shown(await w.asks(run)) }, asker('U0MARCO'))
  await w.ended(run, 'done')
  expect(await ask()).toMatchObject({
    kind: 'accepted',
    first: false,
    run: { id: run },
    text: `This was asked for already: #${run} (storefront v1.8.0 → prod) has ended: done.`,
  })
})

test('what is refused says the way forward as it is said where it is read', async () => {
  const w = await world()
  const said = async (via: Via) => refusalIn(await w.desk.say('prd', 'deploy', asker('U0RITA', via))).next
  expect(await said('slack')).toBe('For example: /deploy prod v1.8.0')
  expect(await said('terminal')).toBe('For example: shipmate deploy prod v1.8.0')
  expect(await said('mention')).toBe('For example: @shipmate deploy prod v1.8.0')
  expect(refusalIn(await w.desk.say('token', 'ops', asker('U0RITA', 'terminal'))).next).toBe(
    'Type /ops token in Slack.',
  )
})

test("the requester's own approval is refused with the reason and those to ask", async () => {
  const w = await world()
  const view = acceptedRun(await w.desk.say('prod v1.8.0', 'deploy', asker('U0MARCO')))
  const press = { name: 'approve', ...shown(await w.asks(view)) } as const
  expect(refusalIn(await w.desk.press(press, asker('U0MARCO')))).toEqual({
    code: 'own-approval',
    what: 'You asked for this deploy, so your approval does not count (prod needs 1 of @release-managers).',
    why: 'In prod the person who asks never approves.',
    next: 'Ask one of: Mina.',
  })
})

test('people who were not asked, guests and strangers approve nothing', async () => {
  const w = await world()
  const press = { name: 'approve', ...shown(await asked(w)) } as const
  expect(refusalIn(await w.desk.press(press, asker('U0IVY')))).toMatchObject({
    code: 'not-an-approver',
    why: 'You are not one of @release-managers.',
    next: 'Ask one of: Marco, Mina.',
  })
  expect(refusalIn(await w.desk.press(press, asker('U0GUS'))).why).toContain('You are a guest')
  expect(refusalIn(await w.desk.press(press, asker('U0STRANGER'))).code).toBe('barred')
  const machine = { ...asker('B0ALERTS'), actor: { kind: 'machine', id: 'B0ALERTS', name: 'alerts' } } as const
  expect(refusalIn(await w.desk.press(press, machine)).why).toContain('You are a machine')
  expect((await w.store.desk.view(press.run))?.answers).toEqual([])
})

test('when Slack cannot say who somebody is, nothing is allowed', async () => {
  const w = await world()
  const view = await asked(w)
  w.people.state.offline = true
  expect(refusalIn(await w.desk.say('prod', 'deploy', asker('U0RITA'))).code).toBe('standing-unknown')
  expect(refusalIn(await w.desk.press({ name: 'approve', ...shown(view) }, asker('U0MARCO'))).code).toBe(
    'standing-unknown',
  )
  w.people.state.offline = false
  w.people.state.asOf = new Date(0)
  expect(refusalIn(await w.desk.say('prod', 'deploy', asker('U0RITA'))).code).toBe('standing-stale')
})

test('a second click on a used card changes nothing and says what the first one did', async () => {
  const w = await world()
  const view = await asked(w)
  const press = { name: 'approve', ...shown(view) } as const
  await w.desk.press(press, asker('U0MARCO'))
  await w.ended(view.run.id, 'done')
  const refusal = refusalIn(await w.desk.press(press, asker('U0MINA')))
  expect(refusal).toMatchObject({
    code: 'closed',
    what: `Your click changed nothing: #${view.run.id} (storefront v1.8.0 → prod) has ended: done.`,
  })
  expect(refusal.why).toMatch(/^It was decided: Marco approved \d+ s ago\.$/)
})

test('a click on a card that shows another plan changes nothing', async () => {
  const w = await world()
  const view = await asked(w)
  const press = { name: 'approve', ...shown(view), digest: 'f'.repeat(64) } as const
  expect(refusalIn(await w.desk.press(press, asker('U0MARCO')))).toMatchObject({
    code: 'other-plan',
    next: 'Read the card as it is now and decide again.',
  })
  expect((await w.store.desk.view(view.run.id))?.answers).toEqual([])
})

test('a card of another workspace, or of no run, is not known', async () => {
  const w = await world()
  const view = await asked(w)
  const press = { name: 'approve', ...shown(view) } as const
  expect(refusalIn(await w.desk.press(press, { ...asker('U0MARCO'), team: 'T1' })).code).toBe('run-unknown')
  expect(refusalIn(await w.desk.press({ ...press, run: 999 }, asker('U0MARCO'))).code).toBe('run-unknown')
  expect(refusalIn(await w.desk.press({ ...press, step: 'unlocked' }, asker('U0MARCO'))).code).toBe('no-such-question')
})

test('a rejection needs a reason and ends the run without a change', async () => {
  const w = await world()
  const view = await asked(w)
  const press = { name: 'reject', ...shown(view) } as const
  expect(refusalIn(await w.desk.press({ ...press, reason: ' ' }, asker('U0MARCO')))).toMatchObject({
    code: 'reason-missing',
    what: 'Reject needs a reason.',
  })
  expect(await w.desk.press({ ...press, reason: 'not on a Friday' }, asker('U0MARCO'))).toMatchObject({ kind: 'said' })
  const ended = await w.ended(view.run.id, 'refused')
  expect(ended.run.reason?.text).toBe('rejected: not on a Friday')
  expect(w.world.state.serving).toBe('v1.7.3')
})

test('a quorum of two counts two different people', async () => {
  const w = await world({ text: shopText.replace('quorum: 1', 'quorum: 2') })
  const view = await asked(w)
  const press = { name: 'approve', ...shown(view) } as const
  const first = await w.desk.press(press, asker('U0MARCO'))
  expect(first).toMatchObject({ kind: 'said' })
  if (first.kind === 'said') expect(first.text).toMatch(/1 of 2 approvals; waiting for 1 more, 1[45] min/)
  expect(refusalIn(await w.desk.press(press, asker('U0MARCO')))).toMatchObject({ code: 'answered-already' })
  await w.desk.press(press, asker('U0MINA'))
  await w.ended(view.run.id, 'done')
})

test('a team of one confirms its own deploy, and only by confirming', async () => {
  const text = shopText.replace('requester: excluded', 'requester: self with confirmation')
  const w = await world({ text })
  const view = await w.asks(acceptedRun(await w.desk.say('prod v1.8.0', 'deploy', asker('U0MARCO'))))
  expect(refusalIn(await w.desk.press({ name: 'approve', ...shown(view) }, asker('U0MARCO'))).code).toBe(
    'confirmation-needed',
  )
  const chosen = { name: 'choose', ...shown(view), answer: 'approve', reason: '' } as const
  expect(refusalIn(await w.desk.press(chosen, asker('U0MARCO'))).code).toBe('confirmation-needed')
  await w.desk.press({ name: 'confirm', ...shown(view) }, asker('U0MARCO'))
  await w.ended(view.run.id, 'done')
})

test('an approval that nobody gave in time ends the run', async () => {
  const w = await world()
  const view = await asked(w)
  w.clock.pass(16 * 60_000)
  await w.ended(view.run.id, 'timed out')
})

test('its requester cancels a run, and so does whoever may deploy there; nobody else', async () => {
  const w = await world()
  const first = await asked(w)
  expect(refusalIn(await w.desk.press({ name: 'cancel', run: first.run.id, reason: '' }, asker('U0IVY'))).what).toBe(
    `You may not stop #${first.run.id}.`,
  )
  expect(await w.desk.press({ name: 'cancel', run: first.run.id, reason: 'wrong one' }, asker('U0RITA'))).toEqual({
    kind: 'said',
    text: `#${first.run.id} (storefront v1.8.0 → prod) is being stopped.\nNothing was changed.`,
  })
  await w.ended(first.run.id, 'stopped')
  const press = { name: 'cancel', run: first.run.id, reason: '' } as const
  expect(refusalIn(await w.desk.press(press, asker('U0MARCO')))).toMatchObject({ code: 'ended-already' })
})

test('the Roll back button goes to the version replaced; two clicks are one run', async () => {
  const w = await world()
  const { run } = await deployed(w)
  const press = { name: 'roll back', run: run.id } as const
  const [one, two] = await Promise.all([w.desk.press(press, asker('U0RITA')), w.desk.press(press, asker('U0MARCO'))])
  expect(acceptedRun(one)).toBe(acceptedRun(two))
  const back = await w.ended(acceptedRun(one), 'done')
  expect(back.run).toMatchObject({ parent: run.id, intent: { job: 'rollback', input: { version: 'v1.7.3' } } })
  expect(w.world.state.serving).toBe('v1.7.3')
  expect(refusalIn(await w.desk.press(press, asker('U0MINA')))).toMatchObject({
    code: 'nothing-to-roll-back',
    why: `v1.7.3 serves prod since #${back.run.id}, not what #${run.id} brought.`,
    next: 'To go back from there: /rollback storefront prod',
  })
})

test('/rollback prod restores the version before without asking anybody else', async () => {
  const w = await world()
  await deployed(w)
  const back = await w.ended(acceptedRun(await w.desk.say('prod', 'rollback', asker('U0IVY'))), 'done')
  expect(back.run.plan?.result).toMatchObject({ version: 'v1.7.3', replaced: 'v1.8.0' })
})

test('a try again is a new run of the same intent, and two clicks are one', async () => {
  const w = await world()
  const view = await asked(w)
  const press = { name: 'retry', run: view.run.id } as const
  expect(refusalIn(await w.desk.press(press, asker('U0RITA')))).toMatchObject({
    code: 'not-to-retry',
    next: 'Cancel it first.',
  })
  await w.desk.press({ name: 'cancel', run: view.run.id, reason: 'later' }, asker('U0RITA'))
  await w.ended(view.run.id, 'stopped')
  const again = acceptedRun(await w.desk.press(press, asker('U0RITA')))
  expect(acceptedRun(await w.desk.press(press, asker('U0MARCO')))).toBe(again)
  expect((await w.asks(again)).run).toMatchObject({ parent: view.run.id, intent: view.run.intent })
})

test('what a plan would refuse is refused to the person alone: no run, no card', async () => {
  const w = await world()
  expect(refusalIn(await w.desk.say('prod v1.80', 'deploy', asker('U0RITA')))).toEqual({
    code: 'version-unknown',
    what: 'There is no release v1.80 of storefront.',
    why: 'Wanted one that was built: v1.9.0, v1.8.0, v1.7.3, v1.7.2, came v1.80.',
    next: 'Did you mean v1.8.0?',
  })
  expect(refusalIn(await w.desk.say('prod v1.7.3', 'deploy', asker('U0RITA'))).code).toBe('already-serving')
  expect(refusalIn(await w.desk.say('prod 9', 'scale', asker('U0MARCO'))).code).toBe('too-many-instances')
  expect(await w.store.desk.list({ limit: 5 })).toEqual([])
})

test('a target that does not answer hides nothing: the run is accepted and tells', async () => {
  const w = await world()
  w.world.lookBreaks = true
  const run = acceptedRun(await w.desk.say('prod', 'deploy', asker('U0RITA')))
  const ended = await w.ended(run, 'failed')
  expect(ended.run.reason?.text).toBe('alpha does not answer.')
})

test('behind a run that moves, the next one says where it stands in line', async () => {
  const w = await world()
  await asked(w)
  const reply = await w.desk.say('prod v1.9.0', 'deploy', asker('U0MARCO'))
  expect(reply).toMatchObject({ kind: 'accepted' })
  if (reply.kind === 'accepted')
    expect(reply.text).toContain('It waits in line behind 1 run; its plan is made when its turn comes.')
  expect(refusalIn(await w.desk.say('prod banana', 'deploy', asker('U0MARCO'))).code).toMatch(/version-unknown|unclear/)
})

test('a mention says the same as a command', async () => {
  const w = await world()
  const run = acceptedRun(await w.desk.mentions('<@U0BOT> deploy prod v1.8.0', asker('U0RITA', 'mention')))
  await w.asks(run)
  expect(await w.desk.mentions('status', asker('U0RITA', 'mention'))).toMatchObject({ kind: 'status' })
  expect(await w.desk.mentions('', asker('U0RITA', 'mention'))).toMatchObject({ kind: 'help' })
  expect(refusalIn(await w.desk.mentions('depoly prod', asker('U0RITA', 'mention')))).toMatchObject({
    what: 'Did you mean "deploy"?',
    next: 'For example: @shipmate help',
  })
})

test('100 kB of text and unknown commands get one helpful line', async () => {
  const w = await world()
  expect(refusalIn(await w.desk.say('x'.repeat(100_000), 'deploy', asker('U0RITA')))).toEqual({
    code: 'unclear',
    what: 'That is 100000 characters; a command has at most 1000.',
    why: '',
    next: 'For example: /deploy prod v1.8.0',
  })
  expect(refusalIn(await w.desk.say('', 'deplyo', asker('U0RITA'))).what).toBe('Did you mean /deploy?')
})
