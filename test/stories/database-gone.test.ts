import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVisitors, type Visitors } from '../../playground/visitors/visitors.js'
import { silentLog } from '../../src/log.js'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../src/store/embedded.js'
import { answered } from '../support/answers.js'
import { killEmbeddedPostgres } from '../support/killed-postgres.js'
import { wordsOf } from '../support/person.js'
import { card, cardSays, openStage, type Stage, servedVersion } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

describe('Shipmate’s database gone in the middle of a deploy, and back', () => {
  let stage: Stage
  let visitors: Visitors
  const folder = () => join(stage.dir, 'postgres')
  const back = () => startEmbeddedPostgres({ dir: folder(), log: silentLog })

  beforeAll(async () => {
    stage = await openStage({ file: (text) => text.replace('for: 1s', 'for: 3s') })
    visitors = startVisitors({ url: stage.shopUrl(), rate: 50 })
  })
  afterAll(async () => {
    await visitors?.stop()
    await stage?.close()
  })

  async function underWay(version: string) {
    await stage.rita.send('releases', `/deploy prod ${version}`)
    const asked = await card(stage.marco, new RegExp(`${version}.*waiting for approval`, 's'))
    await stage.marco.click('releases', 'Approve', { ts: asked.ts })
    await waitFor('a visitor gets the new version', async () => (await servedVersion(stage)) === version, 30_000)
    return asked.ts
  }

  async function endsRight(ts: string, version: string) {
    const live = await cardSays(stage.marco, ts, new RegExp(`${version}\\*? is live in`))
    expect(wordsOf(live)).toMatch(/approved by marco ·/)
    expect(await servedVersion(stage)).toBe(version)
    // Started twice it would be more.
    expect(await answered(stage.rita, '/ops status')).toMatch(new RegExp(`${version}\\* · 2 of 2 ready`))
    const cards = (await stage.marco.messages('releases')).filter(
      (one) => !one.ephemeral && wordsOf(one).includes(`${version}* is live`),
    )
    expect(cards).toHaveLength(1)
    expect(visitors.counts()).toMatchObject({ failed: 0, resets: 0 })
  }

  it('killed: the run goes on by itself at its step, ends right, and nothing was done twice', async () => {
    const ts = await underWay('v1.8.0')
    await killEmbeddedPostgres(folder())
    const refusal = await answered(stage.rita, '/deploy prod v1.9.0')
    expect(refusal).toMatch(/Shipmate cannot reach its database\./)
    expect(refusal).toMatch(/What was accepted before goes on when it is back\..*ask again/)
    await back()
    await endsRight(ts, 'v1.8.0')
  })

  it('stopped: the same', async () => {
    const ts = await underWay('v1.8.1')
    await stopEmbeddedPostgres(folder(), silentLog)
    await back()
    await endsRight(ts, 'v1.8.1')
  })
})
