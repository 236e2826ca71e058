import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVisitors, type Visitors } from '../../playground/visitors/visitors.js'
import { atFullSize } from '../support/parts.js'
import { wordsOf } from '../support/person.js'
import { deployed, openStage, type Stage } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

/** Ten deploys and ten rollbacks over both strategies; one of each, under half the requests, in every run. */
const [rounds, rate] = atFullSize('no-failed-request') ? [5, 200] : [1, 100]

for (const strategy of ['blue-green', 'rolling'] as const) {
  describe(`visitors during ${strategy} deploys and rollbacks`, () => {
    let stage: Stage
    let visitors: Visitors

    beforeAll(async () => {
      stage = await openStage({ file: (text) => text.replace('strategy: blue-green', `strategy: ${strategy}`) })
      visitors = startVisitors({ url: stage.shopUrl(), rate })
    })
    afterAll(async () => {
      await visitors?.stop()
      await stage?.close()
    })

    it(`never meet a failed request or a reset in ${rounds} of each, at ${rate} requests a second, and get the assets of the page they loaded before`, async () => {
      const page = await (await fetch(stage.shopUrl())).text()
      for (let round = 0; round < rounds; round++) {
        await deployed(stage, 'v1.8.0', /v1\.8\.0\*? is live in/)
        await expectAssets(stage, page)
        await rolledBack(stage)
      }
      await visitors.stop()
      const counts = visitors.counts()
      expect(counts.failures).toEqual([])
      expect(counts).toMatchObject({ failed: 0, resets: 0 })
      expect(Object.keys(counts.byVersion).sort()).toEqual(['v1.7.3', 'v1.8.0'])
      expect(counts.requests).toBeGreaterThan(rate * 5)
      await expectAssets(stage, page)
    }, 600_000)
  })
}

async function rolledBack(stage: Stage): Promise<void> {
  const back = async () =>
    (await stage.rita.messages('releases')).filter((message) => /v1\.7\.3\*? is back in/.test(wordsOf(message))).length
  const before = await back()
  await stage.rita.send('releases', '/rollback prod')
  await waitFor('v1.7.3 is back', async () => (await back()) > before, 60_000)
}

async function expectAssets(stage: Stage, page: string): Promise<void> {
  const assets = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path)
  expect(assets.length).toBeGreaterThan(1)
  for (const path of assets) expect((await fetch(`${stage.shopUrl()}${path}`)).status).toBe(200)
}
