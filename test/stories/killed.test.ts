import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVisitors } from '../../playground/visitors/visitors.js'
import { wordsOf } from '../support/person.js'
import { card, cardSays, openStage, type Stage, servedVersion } from '../support/stage.js'

describe('Shipmate killed in the middle of a deploy', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await openStage({ file: (text) => text.replace('for: 1s', 'for: 4s') })
  })
  afterAll(() => stage?.close())

  it('goes on at its step when it starts again, does nothing twice, and no visitor notices', async () => {
    const visitors = startVisitors({ url: stage.shopUrl(), rate: 50 })
    await stage.rita.send('releases', '/deploy prod v1.8.0')
    const asked = await card(stage.marco, /v1\.8\.0.*waiting for approval/s)
    await stage.marco.click('releases', 'Approve', { ts: asked.ts })
    await cardSays(stage.marco, asked.ts, /50 % (of traffic to|on) v1\.8\.0/)
    await stage.kill()
    await stage.start()
    const live = await cardSays(stage.marco, asked.ts, /v1\.8\.0\*? is live in/)
    await visitors.stop()
    expect(visitors.counts()).toMatchObject({ failed: 0, resets: 0 })
    expect(await servedVersion(stage)).toBe('v1.8.0')
    expect(wordsOf(live)).toMatch(/approved by marco/)
    const cards = (await stage.marco.messages('releases')).filter((message) => /v1\.8\.0/.test(wordsOf(message)))
    expect(cards).toHaveLength(1)
  })

  it('keeps an approval that was given while it was being killed', async () => {
    await stage.rita.send('releases', '/deploy prod v1.8.1')
    const asked = await card(stage.marco, /v1\.8\.1.*waiting for approval/s)
    const clicked = stage.marco.click('releases', 'Approve', { ts: asked.ts })
    await clicked
    await stage.kill()
    await stage.start()
    await cardSays(stage.marco, asked.ts, /v1\.8\.1\*? is live in/)
  })
})
