import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answered } from '../support/answers.js'
import { optIn } from '../support/parts.js'
import { wordsOf } from '../support/person.js'
import { runShipmate } from '../support/shipmate-process.js'
import { card, cardSays, openStage, type Stage, servedVersion } from '../support/stage.js'
import { shopEnvOf, tokenOf } from '../support/stage-parts.js'

const key = { OWN_KEY: 'a passphrase of Shipmate itself' }

/** A deploy is watched for so long that it is under way for as long as its Shipmate lives. */
const file = (text: string) =>
  text.replace('for: 1s', 'for: 30s').replace(
    'backups:\n',
    `backups:
  shipmate:
    home: { service: storefront, environment: prod }
    engine:
      embedded:
        storage: { path: "\${SHOP_BACKUPS}", encryption: env:OWN_KEY }
    schedule: { full: 0 1 1 1 *, drill: 0 2 1 1 * }
    proven: never
    scratch: { folder: "\${SHOP_SCRATCH}" }
`,
  )

describe.runIf(optIn('restore-self'))('Shipmate whose database is gone', () => {
  let stage: Stage
  let env: { [name: string]: string }

  beforeAll(async () => {
    stage = await openStage({ file, env: key })
    env = { ...shopEnvOf(stage), ...key }
  })
  afterAll(() => stage?.close())

  const done = async (words: string, says: RegExp) => {
    await stage.marco.send('releases', words)
    return card(stage.marco, says, 120_000)
  }

  it('backs itself up, proves it with the trail inside the copy, and comes back: what was live asks, and then goes on', async () => {
    await stage.rita.send('releases', '/deploy prod v1.8.0')
    const deploy = await card(stage.marco, /v1\.8\.0.*waiting for approval/s)
    await stage.marco.click('releases', 'Approve', { ts: deploy.ts })
    await cardSays(stage.marco, deploy.ts, /50 % (of traffic to|on) v1\.8\.0/)
    await stage.rita.send('releases', '/deploy prod v1.8.1')
    const queued = await card(stage.marco, /v1\.8\.1.*waiting in line/s)
    // Before the backup: a token of later is not in what comes back.
    const token = await tokenOf(stage.rita)
    await done('/backup shipmate full', /backup of \*?shipmate.*is stored, and was read back/s)
    await stage.kill()
    rmSync(join(stage.dir, 'postgres', 'data'), { recursive: true })

    const back = await runShipmate(['restore-self', '--yes'], env)
    expect(back, back.err).toMatchObject({ code: 0, out: expect.stringMatching(/The audit trail is whole: \d+ rows/) })
    expect(back.out).toMatch(/#1 deploy storefront → prod, running/)
    expect(back.out).toMatch(/#2 deploy storefront → prod, queued/)

    await stage.start()
    const asks = await cardSays(stage.marco, deploy.ts, /what became of this run since is not known/)
    expect(wordsOf(asks)).toMatch(/brought back from a backup of .* UTC; what became/)
    const before = await servedVersion(stage)
    expect(before).toMatch(/^v1\.(7\.3|8\.0)$/)
    expect(await answered(stage.rita, '/ops audit')).toMatch(/terminal:\S+ brought Shipmate back \(/)
    const verified = await runShipmate(['audit', 'verify'], { ...env, SHIPMATE_TOKEN: token })
    expect(verified).toMatchObject({ code: 0, out: expect.stringMatching(/rows are as they were written/) })

    await stage.marco.click('releases', 'Go on', { ts: deploy.ts })
    await cardSays(stage.marco, deploy.ts, /v1\.8\.0\*? is live in/, 180_000)
    expect(await servedVersion(stage)).toBe('v1.8.0')
    // The next in line is planned anew, and asks too.
    await cardSays(stage.marco, queued.ts, /what became of this run since is not known/)
    await stage.marco.click('releases', 'Leave it as it is', { ts: queued.ts })
    await cardSays(stage.marco, queued.ts, /left it as it is/)
    const cards = (await stage.marco.messages('releases')).filter((message) => /v1\.8\.[01]/.test(wordsOf(message)))
    expect(cards.map(({ ts }) => ts).sort()).toEqual([deploy.ts, queued.ts].sort())

    // What came back is on a timeline of its own, and its latest moment is proven like before.
    await done('/restore drill shipmate', /drill of \*?shipmate.*passed: what it restored is proven/is)
  }, 900_000)
})
