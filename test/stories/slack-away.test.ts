import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../../src/log.js'
import type { RunView } from '../../src/runs/run.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'
import { rowsOf } from '../support/backups/engine-rig.js'
import { wordsOf } from '../support/person.js'
import { runShipmate, type ShipmateProcess, startShipmate } from '../support/shipmate-process.js'
import { cardSays, openStage, type Stage, servedVersion } from '../support/stage.js'
import { shopEnvOf, slackOf, tokenOf } from '../support/stage-parts.js'
import { waitFor } from '../support/wait-for.js'

type Env = { [name: string]: string }

describe('Slack gone, and a deploy from the terminal', () => {
  let stage: Stage
  let shipmate: ShipmateProcess | null = null
  let slack: ReturnType<typeof slackOf>
  let [asRita, asMarco, asMina]: Env[] = []

  beforeAll(async () => {
    stage = await openStage()
    slack = slackOf(stage)
    const as = async (token: Promise<string>): Promise<Env> => ({
      SHIPMATE_DIR: stage.dir,
      SHIPMATE_TOKEN: await token,
    })
    ;[asRita, asMarco, asMina] = await Promise.all([
      as(tokenOf(stage.rita)),
      as(tokenOf(stage.marco)),
      as(tokenOf(stage.mina)),
    ])
    // What is decided by afterwards was read before.
    const { url } = await startEmbeddedPostgres({ dir: `${stage.dir}/postgres`, log: silentLog })
    await waitFor('the member list is kept', async () => {
      return (await rowsOf(url, 'select from shipmate.member_lists')).length > 0
    })
    await stage.kill()
  })
  afterAll(async () => {
    await shipmate?.stop()
    await stage?.close()
  })

  /** Shipmate alone, beside a playground that is there or not. */
  async function started(): Promise<void> {
    await shipmate?.stop()
    const one = startShipmate({ ...shopEnvOf(stage), ...slack.env, LOG_LEVEL: 'info' })
    shipmate = one
    await waitFor('Shipmate is ready', () => one.out() !== '' || !one.running(), 60_000)
    expect(one.running() ? '' : one.err()).toBe('')
  }

  const terminal = (args: string[], env: Env | undefined) => runShipmate(args, env ?? {})

  const digestOf = (run: string) =>
    waitFor('the run asks', async () => {
      const { out } = await terminal(['run', run, '--json'], asMarco)
      const { view } = (JSON.parse(out) as { reply: { view: RunView } }).reply
      return view.steps.some(({ key, state }) => key === 'approve' && state === 'waiting') && view.run.plan?.digest
    })

  it('one person asks and another approves by the last member list, Shipmate restarts meanwhile, and the channel is told in order afterwards', async () => {
    await slack.stop()
    await started()
    const asked = await terminal(['deploy', 'prod', 'v1.8.0'], asRita)
    expect(asked).toMatchObject({
      code: 0,
      err: expect.stringMatching(/Slack cannot be reached: decided by the member list of \d\d:\d\d/),
    })
    const run = /#(\d+)/.exec(asked.out)?.[1] ?? ''
    const digest = await digestOf(run)
    expect(await terminal(['approve', run, '--digest', digest], asRita)).toMatchObject({ code: 3 })
    await started()
    expect(await terminal(['approve', run, '--digest', digest], asMarco)).toMatchObject({
      code: 0,
      err: expect.stringMatching(/by the member list of/),
    })
    await waitFor('v1.8.0 serves', async () => (await servedVersion(stage)) === 'v1.8.0', 60_000)
    const staging = await terminal(['deploy', 'staging', 'v1.8.0', '--wait'], asMina)
    expect(staging.code).toBe(0)

    await slack.start()
    const prod = await stage.marco.seeMessage('releases', /v1\.8\.0\*? is live in \*?prod/, 60_000)
    await cardSays(stage.marco, prod.ts, /asked by rita from the terminal while Slack was away \(member list of/)
    expect(wordsOf(prod)).toMatch(/approved by marco from the terminal while Slack was away/)
    const later = await stage.marco.seeMessage('releases', /v1\.8\.0\*? is live in \*?staging/, 60_000)
    expect(Number(later.ts)).toBeGreaterThan(Number(prod.ts))
    await stage.marco.seeReply('releases', prod.ts, /storefront v1\.8\.0 is live in prod/)
    const thread = (await stage.marco.thread('releases', prod.ts)).slice(1).map(wordsOf)
    expect(thread.findIndex((words) => /by hand/.test(words))).toBeLessThan(
      thread.findIndex((words) => /is live in prod/.test(words)),
    )
    expect(new Set(thread).size).toBe(thread.length)
    const cards = (await stage.marco.messages('releases')).filter((one) => /v1\.8\.0\*? is live/.test(wordsOf(one)))
    expect(cards).toHaveLength(2)
    const verified = await terminal(['audit', 'verify'], asRita)
    expect(verified.code, verified.err).toBe(0)
  }, 180_000)
})
