import { afterAll, beforeAll, expect, it } from 'vitest'
import { wordsOf } from '../support/person.js'
import { startRedis, type TestRedis } from '../support/redis.js'
import { card, cardSays, deployed, openStage, type Stage, servedVersion } from '../support/stage.js'

/** What must go well on any queue, as tests of the surrounding `describe`. */
export function mainJob(queue: 'PostgreSQL' | 'Redis'): void {
  let stage: Stage
  let server: TestRedis | null = null

  beforeAll(async () => {
    server = queue === 'Redis' ? await startRedis() : null
    stage = await openStage(server ? { env: { REDIS_URL: server.url } } : {})
  })
  afterAll(async () => {
    await stage?.close()
    await server?.stop()
  })

  it('goes from /deploy over an approval to live traffic, on one card', async () => {
    await stage.rita.send('releases', '/deploy prod v1.8.0')
    const asked = await card(stage.marco, /v1\.8\.0.*waiting for approval/s)
    expect(wordsOf(asked)).toMatch(/Waiting for 1 more approval/)
    expect(wordsOf(asked)).toMatch(/6 commits by 3 people/)
    await stage.marco.click('releases', 'Approve', { ts: asked.ts })
    const live = await cardSays(stage.marco, asked.ts, /v1\.8\.0\*? is live in/)
    expect(wordsOf(live)).toMatch(/approved by marco/)
    expect(await servedVersion(stage)).toBe('v1.8.0')
  })

  it('does not count the requester’s own approval, and says why', async () => {
    await stage.rita.send('releases', '/deploy prod v1.8.1')
    const asked = await card(stage.rita, /v1\.8\.1.*waiting for approval/s)
    await stage.rita.click('releases', 'Approve', { ts: asked.ts })
    const refusal = await stage.rita.seeMessage(
      'releases',
      /You asked for this deploy, so your approval does not count/,
    )
    expect(refusal.ephemeral).toBe(true)
    expect((await stage.marco.messages('releases')).some((message) => message.ephemeral)).toBe(false)
    await stage.mina.click('releases', 'Approve', { ts: asked.ts })
    await cardSays(stage.rita, asked.ts, /v1\.8\.1\*? is live in/)
  })

  it('brings the old version back with /rollback, without asking for a number', async () => {
    await stage.rita.send('releases', '/rollback prod')
    await card(stage.rita, /v1\.8\.0\*? is back in/)
    expect(await servedVersion(stage)).toBe('v1.8.0')
  })

  it('does once what is pressed twice', async () => {
    await stage.rita.send('releases', '/deploy prod v1.8.1')
    const asked = await card(stage.marco, /v1\.8\.1.*waiting for approval/s)
    await Promise.all([
      stage.marco.click('releases', 'Approve', { ts: asked.ts }),
      stage.marco.click('releases', 'Approve', { ts: asked.ts }),
      stage.mina.click('releases', 'Approve', { ts: asked.ts }),
    ])
    const live = await cardSays(stage.marco, asked.ts, /v1\.8\.1\*? is live in/)
    expect(wordsOf(live)).toMatch(/approved by (marco|mina)/)
  })

  it('leaves nothing behind a card that was rejected, and tells the reason', async () => {
    await deployed(stage, 'v1.9.0', /is live in/)
    await stage.rita.send('releases', '/rollback prod')
    await card(stage.rita, /v1\.8\.1\*? is back in/)
    await stage.rita.send('releases', '/deploy prod v1.9.0')
    const asked = await card(stage.marco, /v1\.9\.0.*waiting for approval/s)
    await stage.marco.click('releases', 'Reject…', { ts: asked.ts })
    await stage.marco.seeModal(/Reject/)
    await stage.marco.submit({ reason: 'not on a Friday' })
    const refused = await cardSays(stage.rita, asked.ts, /not on a Friday/)
    expect(wordsOf(refused)).toMatch(/did \*?not\*? go live/)
    expect(await servedVersion(stage)).toBe('v1.8.1')
  })
}
