import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Release } from '../../../src/releases/release.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, refusalIn, shown } from '../../support/desk-world.js'
import { serving } from '../../support/shop.js'

let w: DeskWorld
beforeAll(async () => {
  w = await createDeskWorld()
})
afterAll(() => w.close())

const rita = () => asker('U0RITA')
const marco = () => asker('U0MARCO')
const ops = (words: string, by = rita()) => w.desk.say(words, 'ops', by)

async function gates(by = rita()) {
  const reply = await ops('why prod', by)
  if (reply.kind !== 'why') throw new Error(JSON.stringify(reply))
  const shownGates = reply.gates.map(({ title, outcome, evidence }) => `${outcome}: ${title}: ${evidence.summary}`)
  return { mayGo: reply.mayGo, gates: shownGates, next: reply.gates.flatMap(({ evidence }) => evidence.next ?? []) }
}

test('why answers with every gate at once', async () => {
  expect(await gates()).toEqual({
    mayGo: true,
    gates: [
      'pass: You may deploy: you hold the right',
      'pass: Shipmate acts here: plans are carried out',
      'pass: Nobody locked it: not locked',
      'pass: The line is free: nothing runs and nothing waits',
      'pass: Somebody can approve: prod needs 1 of @release-managers; yours does not count for what you ask',
      'pass: A newer release is there: v1.9.0 is the newest',
      'pass: The target answers: it answers; v1.7.3 serves',
    ],
    next: [],
  })
})

test('why says that only candidates are newer, and how one is asked for', async () => {
  const candidate = { ...(w.world.releases[0] as Release), version: 'v2.0.0-rc.1' }
  w.world.releases = [candidate, ...w.world.releases]
  w.world.state = serving('v1.9.0')
  const { mayGo, gates: found, next } = await gates()
  w.world.releases = w.world.releases.slice(1)
  const without = await gates()
  w.world.state = serving('v1.7.3')
  expect(mayGo).toBe(true)
  expect(found).toContain('warn: A newer release is there: only candidates are newer than v1.9.0, which serves')
  expect(next).toContain('Name the one you mean: /deploy storefront prod v2.0.0-rc.1')
  expect(without.gates).toContain('fail: A newer release is there: v1.9.0, the newest, serves already')
})

test('why names everything that stands in the way, and the way forward for each', async () => {
  await ops('lock prod for 2h exam week', marco())
  w.world.lookBreaks = true
  const found = await gates(asker('U0IVY'))
  w.world.lookBreaks = false
  await ops('unlock prod', marco())
  expect(found.mayGo).toBe(false)
  expect(found.gates.filter((gate) => !gate.startsWith('pass'))).toEqual([
    "fail: You may deploy: The operator's file gives this to @release-managers and 1 person by name; you are in none of them.",
    expect.stringMatching(/^fail: Nobody locked it: locked by Marco, for \d+ s, .* left: exam week$/),
    'error: The target answers: alpha does not answer.',
  ])
  expect(found.next).toEqual([
    'Ask one of them, or ask the operator for the right.',
    'Ask Marco, or: /ops unlock storefront prod because …',
    'Look whether it is up.',
  ])
})

test('status says what serves where, and why it cannot when it cannot', async () => {
  const prod = async () => {
    const reply = await ops('status')
    return reply.kind === 'status' ? reply.environments.find(({ environment }) => environment === 'prod') : null
  }
  expect(await prod()).toMatchObject({
    mode: 'act',
    services: [
      { service: 'storefront', serving: 'v1.7.3', instances: { ready: 2, wanted: 2 }, lock: null, problem: null },
    ],
  })
  w.world.lookBreaks = true
  expect((await prod())?.services[0]).toMatchObject({
    serving: null,
    instances: null,
    problem: 'alpha does not answer.',
  })
  w.world.lookBreaks = false
})

test('a lock by hand stops a deploy, with who and why; unlocking frees it', async () => {
  expect(await ops('lock prod for 2h exam week', marco())).toMatchObject({
    kind: 'lines',
    title: 'You locked prod for 2 h. Nobody can deploy there; what waits in line goes on when it ends.',
    places: [{ service: 'storefront', holder: { by: { id: 'U0MARCO' }, reason: 'exam week' }, mayHandOver: true }],
  })
  const before = (await w.store.desk.list({ limit: 100 })).length
  const refusal = refusalIn(await w.desk.say('prod v1.8.0', 'deploy', rita()))
  expect(refusal).toMatchObject({
    code: 'locked',
    what: 'storefront in prod is locked, so this deploy was not asked for.',
    next: 'Ask Marco, or end the lock: /ops unlock storefront prod because …',
  })
  expect(refusal.why).toMatch(/^Locked by Marco, for .* left: exam week\.$/)
  expect(await w.store.desk.list({ limit: 100 })).toHaveLength(before)
  expect(refusalIn(await ops('lock prod mine now', asker('U0MINA')))).toMatchObject({
    code: 'locked-already',
    next: 'Ask Marco to hand it over: /ops lock prod hand-over @you',
  })
  expect(await ops('unlock prod', marco())).toMatchObject({ kind: 'said' })
  expect(await ops('unlock prod', marco())).toEqual({ kind: 'said', text: 'prod is not locked.' })
})

test('locking needs the right to lock', async () => {
  expect(refusalIn(await ops('lock prod because exam', rita())).what).toBe('You may not lock or unlock prod.')
})

test('help shows only what this person may say', async () => {
  const usages = async (id: string) => {
    const reply = await ops('help', asker(id))
    return reply.kind === 'help' ? reply.entries.map(({ usage }) => usage.split(' ').slice(0, 2).join(' ')) : reply
  }
  expect(await usages('U0MARCO')).toContain('/scale [service]')
  expect(refusalIn(await ops('help', asker('U0GUS'))).code).toBe('barred')
})

test.each(['deploy', 'rollback', 'scale', 'backup', 'restore', 'incident'])(
  '/%s help explains that command and does nothing',
  async (command) => {
    for (const word of ['help', '--help', '?']) {
      const reply = await w.desk.say(word, command, marco())
      expect(reply.kind).toBe('help')
      const said = reply.kind === 'help' ? reply : null
      const isOthers = said?.intro.startsWith(`Nothing of /${command} is yours`)
      if (!isOthers) expect(said?.entries.every(({ usage }) => usage.startsWith(`/${command}`))).toBe(true)
    }
    expect((await w.store.incidents.rows.list({ limit: 5 })).map(({ title }) => title)).not.toContain('help')
  },
)

test('a form for a place that was named offers no other place instead', async () => {
  expect(refusalIn(await w.desk.say('prod', 'scale', rita())).what).toContain('You may not scale prod.')
})

test('runs are listed newest first, and one is shown by its number', async () => {
  const asked = acceptedRun(await w.desk.say('prod v1.9.0', 'deploy', rita()))
  await w.desk.press({ name: 'cancel', run: asked, reason: 'only looking' }, rita())
  await w.ended(asked, 'stopped')
  const reply = await ops('runs prod')
  expect(reply).toMatchObject({ kind: 'runs', title: 'The latest runs in prod' })
  const id = reply.kind === 'runs' ? reply.runs[0]?.id : 0
  expect(await ops(`runs #${id}`)).toMatchObject({ kind: 'run', view: { run: { id } } })
  expect(refusalIn(await ops('runs 999'))).toMatchObject({ code: 'run-unknown', what: 'There is no run #999.' })
})

test('Home shows what waits for me apart from what runs', async () => {
  const view = await w.asks(acceptedRun(await w.desk.say('prod v1.8.0', 'deploy', rita())))
  const ids = async (id: string) => {
    const home = await w.desk.home(asker(id))
    return { waits: home.waitsForMe.map(({ run }) => run.id), running: home.running.map(({ run }) => run.id) }
  }
  expect(await ids('U0MARCO')).toEqual({ waits: [view.run.id], running: [] })
  expect(await ids('U0RITA')).toEqual({ waits: [], running: [view.run.id] })
  expect(await ids('U0GUS')).toEqual({ waits: [], running: [] })
  expect((await w.desk.home(asker('U0GUS'))).may.map(({ usage }) => usage)).not.toContain(
    '/deploy [service] <environment> [version]',
  )
  await w.desk.press({ name: 'reject', ...shown(view), reason: 'only a test' }, marco())
  await w.ended(view.run.id, 'refused')
})

test('a form comes filled in with what is usually right, and submits like words', async () => {
  const reply = await w.desk.say('', 'deploy', rita())
  expect(reply).toMatchObject({
    kind: 'form',
    form: {
      name: 'deploy',
      title: 'Deploy',
      intro: 'The plan is shown first; prod needs 1 of @release-managers.',
      fields: [
        { name: 'environment', value: 'prod', refresh: true },
        { name: 'service', value: 'storefront', refresh: true },
        { name: 'version', value: 'v1.9.0', hint: 'v1.7.3 serves now' },
      ],
    },
  })
  const values = { environment: 'prod', service: 'storefront', version: 'v1.8.0' }
  const run = acceptedRun(await w.desk.submitForm('deploy', values, asker('U0RITA', 'form')))
  const view = await w.asks(run)
  expect(view.run.intent.input).toEqual({ version: 'v1.8.0' })
  await w.desk.press({ name: 'approve', ...shown(view) }, marco())
  await w.ended(run, 'done')
})

test('the form of a rollback offers only what can really come back, newest first', async () => {
  const form = await w.desk.form('rollback', { environment: 'prod' }, rita())
  expect(form.fields.find(({ name }) => name === 'version')).toMatchObject({
    value: 'v1.7.3',
    options: [{ value: 'v1.7.3' }],
    hint: 'v1.8.0 serves now',
  })
})

test('the form of a scaling goes up to what the file allows', async () => {
  const form = await w.desk.form('scale', { environment: 'prod' }, marco())
  const field = form.fields.find(({ name }) => name === 'instances')
  expect(field).toMatchObject({ value: '2', hint: '1 to 4' })
  expect(field?.options?.map(({ value }) => value)).toEqual(['1', '2', '3', '4'])
})

test('whoever holds no role gets a refusal that says why, not a form', async () => {
  expect(refusalIn(await w.desk.say('', 'deploy', asker('U0GUS')))).toMatchObject({
    code: 'barred',
    why: 'Wanted a full member of this workspace, came a guest.',
  })
})

test('a token is given in Slack alone, works by its hash, and is replaced by the next', async () => {
  const first = await ops('token')
  const second = await ops('token')
  if (first.kind !== 'token' || second.kind !== 'token') throw new Error('no token')
  const { hashOfToken } = await import('../../../src/releases/tokens.js')
  expect(await w.store.tokens.holder(hashOfToken(first.token), w.clock.now())).toBeNull()
  expect(await w.store.tokens.holder(hashOfToken(second.token), w.clock.now())).toMatchObject({
    person: { id: 'U0RITA' },
  })
  expect(refusalIn(await ops('token', asker('U0RITA', 'terminal'))).code).toBe('token-from-slack')
  expect(await ops('token list')).toEqual({
    kind: 'said',
    text: expect.stringMatching(/^Tokens that work now:\n.+: issued \d{4}-\d\d-\d\d, ends .* \(in 90 days\)$/),
  })
  expect(refusalIn(await ops('token revoke U0MARCO')).code).toBe('token-of-another')
  expect(await ops('token revoke')).toEqual({ kind: 'said', text: 'Your token no longer works.' })
  expect(await ops('token revoke')).toEqual({ kind: 'said', text: 'You hold no token.' })
  expect(refusalIn(await ops('token', asker('U0GUS'))).code).toBe('barred')
})
