import { afterEach, expect, test } from 'vitest'
import { glassIn } from '../../src/releases/approvals.js'
import { rowsOf } from '../support/backups/engine-rig.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn, shown } from '../support/desk-world.js'
import { team } from '../support/directory.js'
import { shopText } from '../support/shop.js'

const hour = 3_600_000

let open: DeskWorld | null = null
afterEach(async () => {
  await open?.close()
  open = null
})

async function world(text = shopText, people = structuredClone(team)) {
  open = await createDeskWorld({ text, people })
  return { ...open, members: people }
}

type World = Awaited<ReturnType<typeof world>>

/** Marco breaks glass in prod; the run, once it is broken. */
async function broken(w: World, words = 'prod for 1h because payments are down and nobody answers', who = 'U0MARCO') {
  return w.asks(acceptedRun(await w.desk.say(`break-glass ${words}`, 'ops', asker(who))))
}

/** Marco asks for a deploy that waits for somebody else. */
async function asked(w: World, words = 'prod v1.8.0', who = 'U0MARCO') {
  return w.asks(acceptedRun(await w.desk.say(words, 'deploy', asker(who))))
}

const approve = (w: World, view: Awaited<ReturnType<typeof asked>>, who = 'U0MARCO') =>
  w.desk.press({ name: 'approve', ...shown(view) }, asker(who))

const close = (w: World, glass: Awaited<ReturnType<typeof broken>>, who = 'U0MARCO') =>
  w.desk.press({ name: 'choose', ...shown(glass, 'open'), answer: 'close', reason: '' }, asker(who))

const twoNeeded = shopText.replace(/(prod:\n[\s\S]*?deploy:\n {8}quorum: )1/, '$12')

test('whoever broke glass approves alone what needs two others, the card says so, and it runs', async () => {
  const w = await world(twoNeeded)
  const view = await asked(w)
  expect(refusalIn(await approve(w, view)).code).toBe('own-approval')
  const glass = await broken(w)
  expect(await approve(w, view)).toMatchObject({
    kind: 'said',
    text: expect.stringMatching(
      new RegExp(`^Your approval of #${view.run.id} .* is enough: you broke glass there \\(#${glass.run.id}\\)`),
    ),
  })
  const done = await w.ended(view.run.id, 'done')
  expect(done.answers).toMatchObject([
    {
      person: { id: 'U0MARCO' },
      reason: `alone, glass broken in #${glass.run.id}: payments are down and nobody answers`,
      data: { alone: glass.run.id },
    },
  ])
  expect(w.world.state.serving).toBe('v1.8.0')
})

test('the channel is told at once who decides alone, for how long and why', async () => {
  const w = await world()
  const glass = await broken(w, 'prod for 30m because the card network fails')
  const notice = glass.steps.find(({ key }) => key === 'notice')
  expect(notice).toMatchObject({ state: 'passed', step: { to: { kind: 'channel' } } })
  expect(notice?.step.verb === 'say' && notice.step.text).toBe(
    [
      'Glass is broken for storefront in prod: Marco decides there alone, for 30 min at most.',
      'Why: the card network fails',
      'Everything that is decided under it is listed, and reviewed by somebody else afterwards.',
    ].join('\n'),
  )
})

test('it counts for whoever broke it, there, and for the acts that the file names; for nobody and nothing else', async () => {
  const elsewhere = shopText.replace(
    /(staging:\n {4}channel: C0RELEASES\n {4}mode: act\n {4}approvals:\n {6}deploy:\n) {8}quorum: 0/,
    '$1        quorum: 1\n        groups: [release-managers]',
  )
  const w = await world(elsewhere)
  await broken(w)
  const minas = await asked(w, 'prod v1.8.0', 'U0MINA')
  expect(refusalIn(await approve(w, minas, 'U0MINA')).code).toBe('own-approval')
  const staging = await asked(w, 'staging v1.8.0')
  expect(refusalIn(await approve(w, staging)).code).toBe('own-approval')
  await w.desk.press({ name: 'reject', ...shown(minas), reason: 'later' }, asker('U0MARCO'))

  const rollbacksOnly = shopText.replace(
    /( {4}may:\n {6}deploy:\n {8}groups: \[release)/,
    '    breakGlass:\n      acts: [rollback]\n$1',
  )
  await w.close()
  const narrow = await world(rollbacksOnly)
  await broken(narrow)
  expect(refusalIn(await approve(narrow, await asked(narrow))).code).toBe('own-approval')
})

test('closed, or when its time is over, it counts no more', async () => {
  const w = await world()
  const glass = await broken(w)
  const view = await asked(w)
  expect(await close(w, glass)).toMatchObject({ kind: 'said' })
  await w.until(glass.run.id, 'is closed', ({ steps }) =>
    steps.some((s) => s.key === 'review' && s.state === 'waiting'),
  )
  expect(refusalIn(await approve(w, view)).code).toBe('own-approval')
  const second = await broken(w, 'prod for 5m because it is needed again')
  w.clock.pass(5 * 60_000 + 1_000)
  expect(refusalIn(await approve(w, view)).code).toBe('own-approval')
  await w.until(second.run.id, 'is over', ({ steps }) => steps.some((s) => s.key === 'open' && s.state === 'warned'))
})

test('it counts no more for somebody who has lost the right to it', async () => {
  const w = await world()
  await broken(w, 'prod because nobody answers', 'U0IVY')
  const view = await asked(w)
  w.members.U0IVY = { name: 'Ivy', groups: [] }
  expect(refusalIn(await approve(w, view, 'U0IVY')).code).toBe('not-an-approver')
  w.members.U0IVY = { name: 'Ivy', groups: ['incident-commanders'] }
  expect(await approve(w, view, 'U0IVY')).toMatchObject({ kind: 'said' })
})

test('what was decided under it is listed, and somebody else says whether it was right; never the one who did it', async () => {
  const w = await world()
  const glass = await broken(w)
  const view = await asked(w)
  await approve(w, view)
  await w.ended(view.run.id, 'done')
  await close(w, glass)
  const review = await w.until(glass.run.id, 'asks for its review', ({ steps }) =>
    steps.some(({ key, state }) => key === 'review' && state === 'waiting'),
  )
  expect(review.steps.find(({ key }) => key === 'used')?.evidence?.summary).toBe(
    `1 run under it: #${view.run.id} (storefront v1.8.0 → prod) approved alone, ended done`,
  )
  const say = (who: string, answer: string, reason: string) =>
    w.desk.press({ name: 'choose', ...shown(review, 'review'), answer, reason }, asker(who))
  expect(refusalIn(await say('U0MARCO', 'right', 'it was me')).code).toBe('own-approval')
  expect(refusalIn(await say('U0RITA', 'right', 'fine')).code).toBe('not-an-approver')
  expect(refusalIn(await say('U0MINA', 'right', ' ')).code).toBe('reason-missing')
  expect(await say('U0MINA', 'wrong', 'I was awake')).toMatchObject({ kind: 'said' })
  const done = await w.ended(glass.run.id, 'done')
  expect(done.steps.find(({ key }) => key === 'found-wrong')?.state).toBe('passed')
})

test('a review that nobody gives in time is told as missing, not as given', async () => {
  const w = await world()
  const glass = await broken(w)
  w.clock.pass(hour + 1_000)
  await w.until(glass.run.id, 'asks for its review', ({ steps }) =>
    steps.some(({ key, state }) => key === 'review' && state === 'waiting'),
  )
  w.clock.pass(3 * 24 * hour + 1_000)
  const over = await w.ended(glass.run.id, 'timed out')
  expect(over.steps.find(({ key }) => key === 'used')?.evidence?.summary).toBe('nothing was decided under it')
})

test('nobody is rid of the review: it cannot be cancelled', async () => {
  const w = await world()
  const glass = await broken(w)
  for (const who of ['U0MARCO', 'U0IVY'])
    expect(
      refusalIn(await w.desk.press({ name: 'cancel', run: glass.run.id, reason: 'never mind' }, asker(who))),
    ).toMatchObject({
      code: 'glass-broken',
      next: expect.stringMatching(/^Close it on its card .*; then it waits for its review\.$/),
    })
  expect((await w.store.desk.view(glass.run.id))?.run.stopRequested).toBeNull()
})

test('whoever broke glass is not rid of its review by a Shipmate that was brought back', async () => {
  const w = await world()
  const glass = await broken(w)
  await rowsOf(
    w.database.ownerUrl,
    `update shipmate.runs set restored = '{"at": "${new Date().toISOString()}", "to": "${new Date(0).toISOString()}"}', wake_at = now(), version = version + 1 where id = ${glass.run.id}`,
  )
  const held = await w.until(glass.run.id, 'asks what is to become of it', ({ steps }) =>
    steps.some(({ key, state }) => key.startsWith('restored-') && state === 'waiting'),
  )
  const key = held.steps.find((step) => step.key.startsWith('restored-'))?.key
  const say = (who: string, answer: string) =>
    w.desk.press({ name: 'choose', ...shown(held, key), answer, reason: '' }, asker(who))
  expect(refusalIn(await say('U0MARCO', 'leave')).code).toBe('own-approval')
  expect(await say('U0MINA', 'go-on')).toMatchObject({ kind: 'said' })
})

test('it is refused without the right, without a reason, for too long, and twice', async () => {
  const w = await world()
  const say = (words: string, who = 'U0MARCO') => w.desk.say(`break-glass ${words}`, 'ops', asker(who))
  expect(refusalIn(await say('prod because I can', 'U0RITA'))).toMatchObject({
    code: 'may-not',
    what: 'You may not break glass in prod.',
    why: "The operator's file gives this to @release-managers and @incident-commanders; you are in none of them.",
  })
  expect(refusalIn(await say('prod for 1h')).what).toBe('Say why: everybody is told, and it is reviewed.')
  expect(refusalIn(await say('prod until 18:00 because')).what).toBe(
    'Say for how long, such as "for 1h", and not until when.',
  )
  expect(refusalIn(await say('prod for 5h because it may take long'))).toMatchObject({
    code: 'glass-too-long',
    why: 'Wanted at most 1 h, as the operator’s file says, came 5 h.',
  })
  await broken(w)
  expect(refusalIn(await say('prod because once more')).code).toBe('glass-open')
})

test('a deploy asked for under it is held up by no gate of policy; asked again without it, it is', async () => {
  const w = await world()
  const glass = await broken(w)
  const under = await asked(w)
  expect(under.run.intent.glass).toBe(glass.run.id)
  expect(under.run.plan?.headline.notes).toContain(
    `under glass broken in #${glass.run.id}: a gate of policy only warns`,
  )
  expect(under.steps.find(({ key }) => key === 'proven')?.step.onFailure ?? 'warn').toBe('warn')
  await close(w, glass)
  await w.desk.press({ name: 'reject', ...shown(under), reason: 'wait' }, asker('U0MINA'))
  await w.ended(under.run.id, 'refused')
  const again = await w.desk.press({ name: 'retry', run: under.run.id }, asker('U0MARCO'))
  const view = await w.asks(acceptedRun(again))
  expect(view.run.intent.glass).toBeUndefined()
})

test('whoever approved as one of two before breaking glass is enough alone afterwards', async () => {
  const w = await world(twoNeeded)
  const view = await asked(w, 'prod v1.8.0', 'U0MINA')
  expect(await approve(w, view)).toMatchObject({ kind: 'said', text: expect.stringContaining('1 of 2') })
  const glass = await broken(w)
  expect(await approve(w, view)).toMatchObject({
    kind: 'said',
    text: expect.stringContaining(`is enough: you broke glass there (#${glass.run.id})`),
  })
  await w.ended(view.run.id, 'done')
})

test('from the click that closes it on it counts no more, before the run has moved on', async () => {
  const w = await world()
  const glass = await broken(w)
  const view = (await w.store.desk.view(glass.run.id)) ?? expect.fail('it is there')
  const closed = { run: view.run.id, step: 'open', round: view.steps.find(({ key }) => key === 'open')?.round ?? 0 }
  const answer = {
    ...{ ...closed, digest: view.run.plan?.digest ?? '', person: view.run.requestedBy, at: w.clock.now() },
    ...{ answer: 'close', reason: '' },
  }
  expect(glassIn(view, w.clock.now())).toMatchObject({ run: view.run.id })
  expect(glassIn({ ...view, answers: [answer] }, w.clock.now())).toBeNull()
})

test('glass that came back with an older database is broken no more: somebody may have closed it since', async () => {
  const w = await world()
  const glass = await broken(w)
  const now = w.clock.now()
  const view = (await w.store.desk.view(glass.run.id)) ?? expect.fail('it is there')
  expect(glassIn({ ...view, run: { ...view.run, restored: { at: now, to: now } } }, now)).toBeNull()
})

test('glass that is open waits on Home for whoever broke it, and for reviewers only when there is something to review', async () => {
  const w = await world()
  const glass = await broken(w)
  const waits = async (who: string) => (await w.desk.home(asker(who))).waitsForMe.map(({ run }) => run.id)
  expect(await waits('U0MARCO')).toEqual([glass.run.id])
  expect(await waits('U0MINA')).toEqual([])
  await close(w, glass)
  await w.until(glass.run.id, 'asks for its review', ({ steps }) =>
    steps.some(({ key, state }) => key === 'review' && state === 'waiting'),
  )
  expect(await waits('U0MINA')).toEqual([glass.run.id])
  expect(await waits('U0MARCO')).toEqual([])
})
