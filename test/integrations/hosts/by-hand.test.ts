import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { startVisitors } from '../../../playground/visitors/visitors.js'
import { handLines } from '../../../src/integrations/hosts/by-hand.js'
import { movedVerdict } from '../../../src/integrations/hosts/verify.js'
import type { HandLine } from '../../../src/runs/plan.js'
import type { Step } from '../../../src/runs/step.js'
import { type TestFloor, testFloor } from '../../playground/test-floor.js'
import { serving } from '../../support/shop.js'
import { driverFor, place, replace } from './scenes.js'

const settings = {
  name: 'shop',
  driver: 'hosts' as const,
  hosts: [
    { name: 'alpha', url: 'http://127.0.0.1:7001' },
    { name: 'beta', url: 'http://127.0.0.1:7002' },
  ],
  proxy: { admin: 'http://127.0.0.1:7000', public: 'http://127.0.0.1:8080' },
  token: 'env:SHOP_HOSTS_TOKEN',
}

const pasted = (lines: HandLine[]) => lines.map(({ run }) => run).join('\n')
const typed = (lines: HandLine[], shell = ['bash', '--norc']) =>
  promisify(execFile)(shell[0] ?? '', [...shell.slice(1), '-c', pasted(lines)], { env: { PATH: process.env.PATH } })

test('each line says what it does and how to see that it worked, and names the token without showing it', () => {
  const lines = handLines(settings, place(), serving('v1.7.3'))
  expect(lines.every(({ does, see }) => does !== '' && see !== '')).toBe(true)
  expect(pasted(lines)).toContain('${SHOP_HOSTS_TOKEN:?')
  expect(lines.find(({ does }) => /Move all traffic/.test(does))?.does).toMatch(/v1\.7\.3/)
})

test('nothing to go back to is no line at all', () => {
  expect(handLines(settings, place(), serving(null))).toEqual([])
})

test('a name that a shell could take for something else is put into no line', () => {
  const state = serving('v1.7.3')
  const odd = state.instances.map((instance) => ({ ...instance, id: `${instance.id}$(reboot)` }))
  expect(handLines(settings, place(), { ...state, instances: odd })).toEqual([])
  const quote = { ...settings, token: "file:/run/it's here" }
  expect(pasted(handLines(quote, place(), state))).toContain(`'/run/it'\\''s here'`)
})

test('traffic that is not where the run put it was moved by somebody else', () => {
  const input = { ...place(), version: 'v1.8.0', share: 50, for: 1, maxErrors: 1, minRequests: 1 }
  expect(movedVerdict(input, 51)).toBeNull()
  expect(movedVerdict(input, 0)).toMatchObject({ outcome: 'fail', summary: expect.stringMatching(/0 %, not 50 %/) })
})

describe('the lines on a terminal, with no Shipmate anywhere', () => {
  let floor: TestFloor
  beforeAll(async () => {
    floor = await testFloor()
  })
  afterAll(() => floor?.end())

  it('bring the release before back, though its instances were stopped, without a failed request; twice is once', async () => {
    const before = await driverFor(floor).target.look(place())
    const lines = handLines(floor.settings, place(), before)
    await replace(floor, 'v1.8.0')
    const visitors = startVisitors({ url: floor.proxy.public, rate: 50 })
    const { stdout, stderr } = await typed(lines)
    await typed(lines, ['sh'])
    await visitors.stop()
    expect(stderr).toBe('')
    expect(stdout).not.toContain(floor.token)
    expect(visitors.counts()).toMatchObject({ failed: 0, resets: 0 })
    expect(await driverFor(floor).target.look(place())).toMatchObject({ serving: 'v1.7.3' })
    // What Shipmate orders next is not taken for old.
    await replace(floor, 'v1.8.0')
    expect((await driverFor(floor).target.look(place())).serving).toBe('v1.8.0')
  })

  it('go on without a host that does not answer', async () => {
    const before = await driverFor(floor).target.look(place())
    const gone = {
      ...floor.settings,
      hosts: floor.settings.hosts.map((host, at) => (at === 0 ? { ...host, url: 'http://127.0.0.1:9' } : host)),
    }
    const lines = handLines(gone, place(), before).map((line) => ({
      ...line,
      run: line.run.replace('seq 60', 'seq 2'),
    }))
    const { stdout } = await typed(lines)
    expect(stdout).toMatch(/alpha: NOT READY/)
    expect(await driverFor(floor).target.look(place())).toMatchObject({ serving: 'v1.8.0' })
  })

  it('are not taken back by a run that was planned before, at its first shift of traffic', async () => {
    const serves = (await driverFor(floor).target.look(place())).serving
    // What brought it there by hand before was known when this is planned, so the last order is another run's.
    await replace(floor, 'v1.8.1')
    const back = handLines(floor.settings, place(), await driverFor(floor).target.look(place()))
    let shifts = 0
    const before = async ({ verb, key }: Step) => {
      if (verb === 'do' && key.startsWith('shift')) shifts += 1
      if (verb === 'do' && key.startsWith('shift') && shifts === 1) await typed(back)
    }
    const { failure, after } = await replace(floor, serves ?? 'v1.8.0', {}, { before })
    expect(shifts).toBe(1)
    expect(failure?.summary).toMatch(/the traffic was moved by somebody else: by hand, since this was planned/)
    expect(after).toMatchObject({ serving: 'v1.8.1' })
    expect((await replace(floor, serves ?? 'v1.8.0')).after).toMatchObject({ serving: serves })
  })

  it('are not taken back by the run that goes on when Shipmate returns, also by a shift that nobody watched', async () => {
    const back = handLines(floor.settings, place(), await driverFor(floor).target.look(place()))
    let shifts = 0
    const before = async ({ verb, key }: Step) => {
      if (verb === 'do' && key.startsWith('shift')) shifts += 1
      if (verb === 'do' && key.startsWith('shift') && shifts === 2) await typed(back)
    }
    const { failure, after } = await replace(floor, 'v1.8.1', { shares: [50] }, { before })
    expect(shifts).toBe(2)
    expect(failure?.summary).toMatch(/the traffic was moved by somebody else/)
    expect(after).toMatchObject({ serving: 'v1.8.0' })
    // A run that is asked for afterwards knows that it was so when it was planned.
    expect((await replace(floor, 'v1.8.1')).after).toMatchObject({ serving: 'v1.8.1' })
  })
})
