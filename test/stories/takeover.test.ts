import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVisitors } from '../../playground/visitors/visitors.js'
import type { RunView } from '../../src/runs/run.js'
import { wordsOf } from '../support/person.js'
import { runShipmate } from '../support/shipmate-process.js'
import { card, cardSays, openStage, type Stage, servedVersion } from '../support/stage.js'
import { shopEnvOf, tokenOf } from '../support/stage-parts.js'
import { waitFor } from '../support/wait-for.js'

type Env = { [name: string]: string }

describe('Shipmate gone, and a person who takes over from a terminal', () => {
  let stage: Stage
  let asRita: Env
  let asMarco: Env
  let asIvy: Env

  beforeAll(async () => {
    stage = await openStage({ file: (text) => text.replace('for: 1s', 'for: 4s') })
    const as = async (token: Promise<string>): Promise<Env> => ({ ...shopEnvOf(stage), SHIPMATE_TOKEN: await token })
    ;[asRita, asMarco, asIvy] = await Promise.all([
      as(tokenOf(stage.rita)),
      as(tokenOf(stage.marco)),
      as(tokenOf(stage.ivy)),
    ])
  })
  afterAll(() => stage?.close())

  const approval = async (run: number, env: Env): Promise<string> =>
    waitFor(
      `#${run} asks`,
      async () => {
        const { out } = await runShipmate(['run', `${run}`, '--json'], env)
        const view = out ? (JSON.parse(out) as { reply?: { view: RunView } }).reply?.view : undefined
        const asks = view?.steps.some(({ key, state }) => key === 'approve' && state === 'waiting')
        return asks ? (view?.run.plan?.digest ?? '') : undefined
      },
      60_000,
    )

  it('carries what is unfinished to its end, asks as ever, and all of it stands on the cards and in one trail', async () => {
    await stage.rita.send('releases', '/deploy prod v1.8.0')
    const first = await card(stage.marco, /v1\.8\.0.*waiting for approval/s)
    await stage.rita.send('releases', '/deploy prod v1.8.1')
    await stage.marco.click('releases', 'Approve', { ts: first.ts })
    await cardSays(stage.marco, first.ts, /50 % (of traffic to|on) v1\.8\.0/)
    const second = await card(stage.marco, /v1\.8\.1.*waiting in line/s)
    await stage.kill()
    const visitors = startVisitors({ url: stage.shopUrl(), rate: 50 })
    expect(await runShipmate(['takeover', '--yes', '--reason', 'may I?'], asIvy)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/left alone: You may not deploy to prod\.[\s\S]*Nothing to take over\./),
    })
    expect(await runShipmate(['takeover', '--reason', 'nobody says yes'], asRita)).toMatchObject({ code: 3 })
    const byHand = await runShipmate(['takeover', '--by-hand'], asRita)
    expect(byHand.out).toMatch(/# Back to v1\.7\.3, for #1:[\s\S]*curl/)
    const takeover = runShipmate(['takeover', '--yes', '--reason', 'both machines burnt down'], asRita)
    const digest = await approval(2, asMarco)
    expect(await runShipmate(['approve', '2', '--digest', digest], asRita)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/your approval does not count/),
    })
    expect(await runShipmate(['approve', '2', '--digest', digest], asMarco)).toMatchObject({
      code: 0,
      err: expect.stringMatching(/decided by the member list of/),
    })
    const { code, out } = await takeover
    await visitors.stop()
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/All traffic to v1\.8\.1 · passed/) })
    expect(await servedVersion(stage)).toBe('v1.8.1')
    expect(visitors.counts()).toMatchObject({ failed: 0, resets: 0 })

    await stage.start()
    for (const [ts, version] of [
      [first.ts, 'v1.8.0'],
      [second.ts, 'v1.8.1'],
    ] as const) {
      const live = await cardSays(stage.marco, ts, new RegExp(`${version}\\*? is live in`))
      expect(wordsOf(live)).toMatch(/carried on by rita from a terminal: both machines burnt down/)
      await stage.marco.seeReply('releases', ts, /rita carries this on from a terminal.*both machines burnt down/)
    }
    expect(await runShipmate(['audit', 'verify'], asRita)).toMatchObject({ code: 0 })
    await stage.rita.send('releases', '/deploy prod v1.9.0')
    await card(stage.marco, /v1\.9\.0.*waiting for approval/s)
    expect(await runShipmate(['takeover', '--yes', '--reason', 'too soon'], asRita)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Worker \d+ is alive and [\s\S]*#3 [\s\S]*Nothing to take over\./),
    })
  }, 120_000)
})
