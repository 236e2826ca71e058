import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVisitors } from '../../playground/visitors/visitors.js'
import { wordsOf } from '../support/person.js'
import { card, cardSays, deployed, openStage, type Stage, servedVersion } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

describe('Shipmate gone, and the way back in the thread', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await openStage({ file: (text) => text.replace('for: 1s', 'for: 10s') })
  })
  afterAll(() => stage?.close())

  /** What a person copies out of the thread: every block of code, as Slack shows it. */
  async function linesIn(ts: string): Promise<string> {
    const said = await stage.marco.seeReply('releases', ts, /If Shipmate is gone: back to v1\.7\.3 by hand/)
    const all = (await stage.marco.thread('releases', ts)).filter((reply) => /by hand/.test(wordsOf(reply)))
    expect(all).toHaveLength(1)
    const blocks = [...wordsOf(said).matchAll(/```\n([\s\S]*?)\n```/g)].map(([, code]) => code)
    return blocks.join('\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  }

  const paste = (lines: string) =>
    promisify(execFile)('bash', ['--norc', '-c', lines], { env: { PATH: process.env.PATH } })

  it('brings the old version back in the middle of a deploy, and the run takes back what it did when Shipmate returns', async () => {
    await stage.rita.send('releases', '/deploy prod v1.8.0')
    const asked = await card(stage.marco, /v1\.8\.0.*waiting for approval/s)
    await stage.marco.click('releases', 'Approve', { ts: asked.ts })
    // The card's plan names the half before it is moved, so the shop itself is asked.
    await waitFor('v1.8.0 gets traffic', async () => (await servedVersion(stage)) === 'v1.8.0')
    const lines = await linesIn(asked.ts)
    await stage.kill()
    const visitors = startVisitors({ url: stage.shopUrl(), rate: 50 })
    await paste(lines)
    await waitFor('v1.7.3 alone serves', async () => {
      const served = await Promise.all([1, 2, 3, 4].map(() => servedVersion(stage)))
      return served.every((version) => version === 'v1.7.3')
    })
    await stage.start()
    const undone = await cardSays(stage.marco, asked.ts, /did \*?not\*? go live/)
    await visitors.stop()
    expect(wordsOf(undone)).toMatch(/the traffic was moved by somebody else/)
    expect(await servedVersion(stage)).toBe('v1.7.3')
    expect(visitors.counts()).toMatchObject({ failed: 0, resets: 0 })
  })

  it('brings it back after the deploy too, when its instances were stopped long since', async () => {
    const live = await deployed(stage, 'v1.8.1', /v1\.8\.1\*? is live in/)
    const lines = await linesIn(live.ts)
    await stage.kill()
    const visitors = startVisitors({ url: stage.shopUrl(), rate: 50 })
    await paste(lines)
    await visitors.stop()
    expect(await servedVersion(stage)).toBe('v1.7.3')
    expect(visitors.counts()).toMatchObject({ failed: 0, resets: 0 })
  })
})
