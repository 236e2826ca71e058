import { afterEach, beforeEach, expect, test } from 'vitest'
import { inZone } from '../../../src/clock.js'
import type { Reply } from '../../../src/commands/reply.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn, shown } from '../../support/desk-world.js'
import { team } from '../../support/directory.js'
import { shopText } from '../../support/shop.js'

let w: DeskWorld
beforeEach(async () => {
  const people = {
    ...team,
    U0MARCO: { ...team.U0MARCO, name: 'Marco', zone: 'Asia/Tokyo' },
  }
  const text = shopText.replace('zone: Europe/Rome', 'zone: Europe/Rome\nslack: { adminGroup: release-managers }')
  w = await createDeskWorld({ people, text })
})
afterEach(() => w.close())

const shownIn = (at: Date, zone: string) => inZone(at, zone).format('HH:mm')
const ops = (words: string, by: string) => w.desk.say(words, 'ops', asker(by))
const marco = (words: string) => ops(words, 'U0MARCO')
const mina = (words: string) => ops(words, 'U0MINA')
const ivy = (words: string) => ops(words, 'U0IVY')
const rita = (words: string) => ops(words, 'U0RITA')

function linesIn(reply: Reply) {
  if (reply.kind === 'lines') return reply
  throw new Error(`no lines: ${JSON.stringify(reply)}`)
}
const holder = async () =>
  (await w.store.locks.holders()).find(({ resource }) => resource === 'storefront/prod') ?? null

/** Rita's deploy, approved and in the middle of its first act. */
async function working() {
  w.world.holdStarts = true
  const view = await w.asks(acceptedRun(await w.desk.say('prod v1.8.0', 'deploy', asker('U0RITA'))))
  await w.desk.press({ name: 'approve', ...shown(view) }, asker('U0MARCO'))
  return w.until(view.run.id, 'acts', ({ steps }) =>
    steps.some(({ step, state }) => step.verb === 'do' && state === 'running'),
  )
}

test('the end of a lock is the moment that its holder’s own clocks show, else the operator’s', async () => {
  await marco('lock prod until tomorrow 9:00 because exam week')
  const there = (await holder())?.expires
  await marco('unlock prod')
  await ivy('lock prod until tomorrow 9:00 because exam week')
  const here = (await holder())?.expires
  expect([there && shownIn(there, 'Asia/Tokyo'), here && shownIn(here, 'Europe/Rome')]).toEqual(['09:00', '09:00'])
})

test('an end that is over, or too far away, is refused and locks nothing', async () => {
  expect(refusalIn(await marco('lock prod for 0s x'))).toMatchObject({
    code: 'lock-length',
    why: 'The end you named is over already.',
  })
  expect(refusalIn(await marco('lock prod for 90d moon'))).toMatchObject({
    code: 'lock-length',
    why: 'A lock with an end lasts at most 30 days.',
  })
  expect(await holder()).toBeNull()
})

test('somebody else’s lock ends only with a reason, and its holder is told', async () => {
  await ivy('lock prod because exam week')
  expect(refusalIn(await marco('unlock prod'))).toMatchObject({
    code: 'lock-needs-reason',
    next: 'Say why: /ops unlock prod because …',
  })
  const reply = await marco('unlock prod because the week is over')
  expect(reply).toMatchObject({ kind: 'said', text: expect.stringContaining('Ivy is told, with your reason.') })
  expect(await holder()).toBeNull()
  const [post] = await w.store.telling.pendingPosts(new Date(), 10)
  expect(post).toMatchObject({ to: { kind: 'person', person: 'U0IVY' }, notice: { why: 'the week is over' } })
})

test('who is no administrator ends nobody else’s lock, whatever the reason', async () => {
  await marco('lock prod because exam week')
  expect(refusalIn(await ivy('unlock prod because I want to'))).toMatchObject({ code: 'lock-of-another' })
  expect(refusalIn(await ivy('lock prod hand-over <@U0IVY>'))).toMatchObject({ code: 'lock-of-another' })
  expect(await holder()).toMatchObject({ by: { id: 'U0MARCO' } })
})

test('a lock is handed over to one who may lock there, and to nobody else', async () => {
  await marco('lock prod for 2h because exam week')
  for (const [to, why] of [
    ['U0RITA', 'Rita may not lock prod.'],
    ['U0GUS', 'Gus may not lock prod: a guest.'],
    ['U0STRANGER', 'U0STRANGER may not lock prod: not a person of this workspace.'],
  ])
    expect(refusalIn(await marco(`lock prod hand-over <@${to}>`))).toMatchObject({ code: 'cannot-hold', why })
  const reply = linesIn(await marco('lock prod hand-over <@U0IVY|ivy>'))
  expect(reply.title).toBe('Ivy holds the lock on prod now, and is told.')
  expect(reply.places).toMatchObject([{ holder: { by: { id: 'U0IVY', name: 'Ivy' }, reason: 'exam week' } }])
  expect(await ivy('hand-over prod <@U0IVY>')).toEqual({ kind: 'said', text: 'Ivy holds it already.' })
  expect(await ivy('unlock prod')).toMatchObject({ kind: 'said' })
  expect(await marco('hand-over prod <@U0IVY>')).toMatchObject({
    kind: 'said',
    text: expect.stringContaining('not locked'),
  })
})

test('the form of a hand-over lists what may be given, and does what the words do', async () => {
  await expect(w.desk.form('hand-over', {}, asker('U0MARCO'))).rejects.toMatchObject({ code: 'no-lock-held' })
  await marco('lock prod for 2h because exam week')
  const form = await w.desk.form('hand-over', { lock: 'storefront prod' }, asker('U0MARCO'))
  expect(form.fields).toMatchObject([
    { name: 'lock', value: 'storefront prod' },
    { name: 'person', person: true },
  ])
  const sent = await w.desk.submitForm(
    'hand-over',
    { lock: 'storefront prod', person: 'U0IVY' },
    asker('U0MARCO', 'form'),
  )
  expect(linesIn(sent).title).toBe('Ivy holds the lock on storefront in prod now, and is told.')
  await expect(w.desk.form('hand-over', {}, asker('U0RITA'))).rejects.toMatchObject({ code: 'no-lock-held' })
})

test('a mention hands over too, and other mentions are no words', async () => {
  await marco('lock prod because exam week')
  await w.desk.mentions('<@U0BOT> lock prod hand-over <@U0IVY>', asker('U0MARCO', 'mention'))
  expect(await holder()).toMatchObject({ by: { id: 'U0IVY' } })
  expect(await w.desk.mentions('<@U0BOT> locks prod <@U0RITA>', asker('U0MARCO', 'mention'))).toMatchObject({
    kind: 'lines',
  })
})

test('a run’s lock is not taken while it acts; the refusal says what it is at and how to stop it', async () => {
  const { run } = await working()
  const wanted = {
    why: expect.stringMatching(
      new RegExp(
        `^#${run.id} \\(storefront v1.8.0 → prod\\) has been changing it since .* ago and is at: .*Half of a change`,
      ),
    ),
    next: expect.stringContaining(`stop it: /ops cancel ${run.id}`),
  }
  expect(refusalIn(await marco('unlock prod because it hangs'))).toMatchObject({ code: 'lock-of-run', ...wanted })
  expect(refusalIn(await marco('lock prod hand-over <@U0IVY>'))).toMatchObject({ code: 'lock-of-run', ...wanted })
  expect(refusalIn(await marco('lock prod because mine'))).toMatchObject({ code: 'locked-already', ...wanted })
  expect(await holder()).toMatchObject({ run: run.id })
  w.world.holdStarts = false
  await w.ended(run.id, 'done')
})

test('the line shows who is at work, who waits in order, and a person can leave it', async () => {
  const { run } = await working()
  const second = acceptedRun(await w.desk.say('prod v1.9.0', 'deploy', asker('U0MINA')))
  const third = acceptedRun(await w.desk.say('prod v1.9.0', 'deploy', asker('U0RITA')))
  const [place] = linesIn(await rita('queue prod')).places
  expect(place).toMatchObject({
    working: { id: run.id },
    waiting: [{ id: second }, { id: third }],
    clear: `It goes when #${run.id} ends. To stop that: /ops cancel ${run.id}`,
    mayHandOver: false,
  })
  expect(await mina(`cancel ${second} changed my mind`)).toMatchObject({ kind: 'said' })
  await w.ended(second, 'stopped')
  expect(linesIn(await rita('queue prod')).places[0]?.waiting.map(({ id }) => id)).toEqual([third])
  expect(refusalIn(await ops(`cancel ${third}`, 'U0IVY')).what).toBe(`You may not stop #${third}.`)
  expect(refusalIn(await rita('cancel 999')).code).toBe('run-unknown')
  w.world.holdStarts = false
  await w.ended(run.id, 'done')
})

test('what waits in line is not planned while somebody holds the place, says so, and goes on when the lock ends', async () => {
  const { run } = await working()
  const next = acceptedRun(await w.desk.say('prod v1.9.0', 'deploy', asker('U0RITA')))
  await w.desk.press({ name: 'cancel', run: run.id, reason: 'make room' }, asker('U0RITA'))
  w.world.holdStarts = false
  // Whoever is faster: the lock by hand is taken as soon as the run has let go.
  await w.ended(run.id, 'stopped')
  const asks = await w.asks(next)
  await marco('lock prod for 1h because exam week')
  await w.desk.press({ name: 'approve', ...shown(asks) }, asker('U0MARCO'))
  const waits = await w.until(next, 'waits for the lock', (view) => view.run.reason?.code === 'lock-held')
  expect(waits.run.lockedBy).toMatchObject({ by: { id: 'U0MARCO' }, reason: 'exam week' })
  expect(linesIn(await rita('locks')).places).toMatchObject([{ holder: { run: null }, waiting: [{ id: next }] }])
  await marco('unlock prod')
  await w.ended(next, 'done')
})

test('where nothing is locked and nobody waits, that is said, with the next step', async () => {
  expect(linesIn(await rita('locks'))).toMatchObject({
    places: [],
    none: expect.stringMatching(/^Nothing is locked\. To lock a place: \/ops lock \w+ for 2h because …$/),
  })
  expect(linesIn(await rita('queue prod'))).toMatchObject({
    places: [],
    none: 'Nobody waits for prod, and nothing is at work there.',
  })
  expect(await marco('unlock prod')).toEqual({ kind: 'said', text: 'prod is not locked.' })
})
