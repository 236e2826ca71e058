import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../playground/workspace/protocol.js'
import { freePort } from '../../src/free-port.js'
import { silentLog } from '../../src/log.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'
import { breakable, canMonitor, monitored, startMonitoring } from '../support/monitoring.js'
import { atFullSize } from '../support/parts.js'
import { wordsOf } from '../support/person.js'
import { card, cardSays, deployed, openStage, type Stage, servedVersion } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

describe.skipIf(!canMonitor())('an incident, from a real alert to its review', { timeout: 120_000 }, () => {
  let stage: Stage
  let monitoring: { close(): Promise<void> }
  let rows: pg.Client
  let room = ''
  let shown: Message

  /** Without what keeps numbers and names from being made links. */
  const plain = (message: Message) => wordsOf(message).replaceAll(/[\u200b\\]/g, '')
  const cardNow = async (): Promise<Message> =>
    (await stage.ivy.messages(room)).find(({ ts }) => ts === shown.ts) ?? shown
  const cardShows = (words: RegExp) =>
    waitFor(`the incident's card says ${words}`, async () => words.test(plain(await cardNow())), 60_000)
  const guideSays = (words: RegExp) => stage.ivy.seeMessage(room, words, 60_000)

  beforeAll(async () => {
    const port = await freePort()
    stage = await openStage({ visitors: 40, file: (text) => breakable(monitored(text, port)) })
    monitoring = await startMonitoring(stage, port)
    // Found running, and left running.
    const { url } = await startEmbeddedPostgres({ dir: `${stage.dir}/postgres`, log: silentLog })
    rows = new pg.Client({ connectionString: url })
    await rows.connect()
  }, 120_000)
  afterAll(async () => {
    await rows?.end()
    await monitoring?.close()
    await stage?.close()
  })

  it('opens a channel with card, suspects and a guide within seconds of the alert, and suspects the deploy first', async () => {
    await deployed(stage, 'v2.0.0-rc.2', /is live in/)
    const received = await waitFor(
      'Alertmanager tells Shipmate',
      async () => {
        const found = await rows.query('select last_at from shipmate.alerts order by id limit 1')
        return (found.rows[0] as { last_at: Date } | undefined)?.last_at
      },
      60_000,
    )
    const channel = await waitFor(
      'an incident channel',
      async () => (await stage.ivy.channels()).find(({ name }) => name.startsWith('inc-')),
      20_000,
    )
    room = channel.id
    shown = await stage.ivy.seeMessage(room, /Suspects/, 20_000)
    await stage.ivy.seeReply(room, shown.ts, /The alert HighErrorRate fires|A guide may help/, 20_000)
    await waitFor('the guide is offered', async () => {
      const thread = await stage.ivy.thread(room, shown.ts)
      return thread.some((message) => /Follow “Error spike after a deploy”/.test(wordsOf(message)))
    })
    const tookMs = Date.now() - received.getTime()
    console.log(`from the webhook to channel, card, suspects and guide: ${tookMs} ms`)
    expect(tookMs).toBeLessThan(atFullSize('incident') ? 5_000 : 30_000)
    expect(wordsOf(shown)).toMatch(/SEV2.*HighErrorRate/)
    expect(plain(await cardNow())).toMatch(/Suspects\*?\n1\s+.*deploy #1 storefront v2\.0\.0-rc\.2/)
  })

  it('measures whom it hits, and keeps the gate closed meanwhile', async () => {
    await cardShows(/Now: [\d.]+ % of requests fail/)
    await cardShows(/Few requests fail: [\d.]+ % of requests fail \(limit 1 %\)/)
    await stage.ivy.click(room, 'Follow “Error spike after a deploy”', { thread_ts: shown.ts })
    const followed = await guideSays(/Guide \*Error spike after a deploy\* · step 4 of 10/)
    expect(wordsOf(followed)).toMatch(/⚠ .*% of requests fail.* · checked: the share of errors is under its limit/)
  })

  it('rolls back with one button and one approval, for visitors too', async () => {
    await stage.ivy.click(room, 'Roll back #1', { ts: shown.ts })
    const asked = await card(stage.marco, /v1\.7\.3.*waiting for approval/s)
    await stage.marco.click('releases', 'Approve', { ts: asked.ts })
    await cardSays(stage.marco, asked.ts, /v1\.7\.3\*? is back in/)
    expect(await servedVersion(stage)).toBe('v1.7.3')
  })

  it('has the guide find the rollback that was made, and its checks turn green by themselves', async () => {
    await stage.ivy.click(room, 'Yes')
    await guideSays(/Roll back to the version before.*It will run/s)
    await stage.ivy.click(room, 'Roll back')
    const proved = await guideSays(/✓ Roll back to the version before.*0(\.\d+)? % of requests fail \(limit 1 %\)/s)
    expect(plain(proved)).toMatch(
      /✓ Roll back to the version before \(ivy, #3\): \*it helped\*, 0(\.\d+)? % of requests fail \(limit 1 %\), before \d+(\.\d+)? %\./i,
    )
    await guideSays(/Was anything written wrongly while it failed/)
    expect(await servedVersion(stage)).toBe('v1.7.3')
    const runs = await rows.query(`select from shipmate.runs where intent ->> 'job' = 'rollback'`)
    expect(runs.rowCount).toBe(1)
  })

  it('opens the gate once everything has been green for long enough, and resolves', async () => {
    await cardShows(/Resolve gate.*4 of 4 checks green for 10 s/)
    await stage.ivy.click(room, 'Resolve', { ts: shown.ts })
    await cardShows(/resolved after/)
    await stage.ivy.seeMessage(room, /Resolved by .*checks green for 10 s/)
  })

  it('writes a review that names the deploy, the rollback, who did what and when', async () => {
    await stage.ivy.click(room, 'Review', { ts: shown.ts })
    const review = plain(await stage.ivy.seeMessage(room, /What happened/))
    for (const part of [
      /deploy #1 storefront v2\.0\.0-rc\.2/,
      /#3/,
      /ivy/i,
      /HighErrorRate/,
      /At worst [\d.]+ % of requests/i,
      /Time to resolve \| \d/,
    ])
      expect(review).toMatch(part)
    expect(review).toMatch(/Began \| \d{4}-\d\d-\d\d \d\d:\d\d/)
    expect(review).not.toMatch(/May have caused INC-1: rollback/)
  })

  it('gives the recovery record alone, with what was done and what proves it', async () => {
    await stage.ivy.send(room, '/incident record')
    const record = plain(await stage.ivy.seeMessage(room, /Recovery record of INC-1/))
    expect(record).toMatch(/#\d+ rollback · storefront in prod/)
    expect(record).not.toMatch(/What happened/)
  })

  it('gives the review as the canvas of the channel, and says so on the card', async () => {
    await cardShows(/The review is the canvas of this channel/)
    const canvases = await stage.ivy.canvases(room)
    expect(canvases).toHaveLength(1)
    expect(canvases[0]).toMatchObject({ title: 'Review of INC-1', updated_by: 'U0SHIPMATE' })
    for (const part of [/# INC-1: /, /deploy \\#1 storefront v2\.0\.0-rc\.2/, /HighErrorRate/])
      expect(canvases[0]?.markdown).toMatch(part)
  })

  it('measures it: /ops metrics names the deploy that failed, in words and in a chart', async () => {
    await stage.ivy.send('releases', '/ops metrics')
    await stage.ivy.seeMessage('releases', /failed or caused an incident/)
    const chart = await waitFor('the chart stands there', async () =>
      (await stage.ivy.messages('releases')).flatMap(({ files }) => files ?? []).at(0),
    )
    expect(chart).toMatchObject({ mimetype: 'image/png', name: 'metrics-prod-30-days.png' })
    expect(chart.alt).toMatch(/1 incident\./)
  })
})
