import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../playground/workspace/protocol.js'
import { answered } from '../support/answers.js'
import { type Person, wordsOf } from '../support/person.js'
import { runShipmate } from '../support/shipmate-process.js'
import { card, cardSays, openStage, type Stage, servedVersion } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

let stage: Stage
let rita: Person
let marco: Person

beforeAll(async () => {
  stage = await openStage({ file: withOtherRules })
  ;({ rita, marco } = stage)
})
afterAll(() => stage?.close())

/** The playground's file where approvals in staging expire soon and Marco may scale prod alone. */
function withOtherRules(text: string): string {
  const changed = text
    .replace(
      /(staging:\n {4}channel: C0RELEASES\n {4}mode: act\n {4}approvals:\n {6}deploy:\n) {8}quorum: 0/,
      '$1        quorum: 1\n        groups: [release-managers]\n        expires: 2s',
    )
    .replace(
      /scale:\n {8}quorum: 0/,
      'scale:\n        quorum: 1\n        people: [U0MARCO]\n        requester: self with confirmation',
    )
  expect(changed).toContain('expires: 2s')
  return changed
}

describe('an approval', () => {
  it('that nobody gives in time ends the run without a change', async () => {
    await rita.send('releases', '/deploy staging v1.8.0')
    const ended = await card(rita, /v1\.8\.0\*? did \*?not\*? go live in \*?staging/)
    expect(wordsOf(ended)).toMatch(/Timed out: nobody answered in time\.\s+Nothing was changed\./)
  })

  it('may be one’s own where the file says so, after a confirmation, and the channel is told', async () => {
    await marco.send('releases', '/scale prod 3')
    const asked = await card(marco, /3 instances.*waiting for approval/s)
    expect(JSON.stringify(asked.blocks)).toContain('you confirm your own change and the channel is told')
    await marco.click('releases', 'Approve', { ts: asked.ts })
    await cardSays(marco, asked.ts, /storefront runs \*3 instances\* in/)
    await card(stage.mina, /approved under the rule that one person may go alone with confirmation/)
  })
})

describe('a card', () => {
  let asked: Message

  it('in whose thread a slash command is typed has Slack refuse it; the same words as a mention work', async () => {
    await rita.send('releases', '/deploy prod v1.8.0')
    asked = await card(rita, /v1\.8\.0.*waiting for approval/s)
    const typed = await rita.send('releases', '/deploy prod v1.8.1', { thread_ts: asked.ts })
    expect(typed.notice).toMatch(/not supported in threads/)
    expect(await answered(rita, '@shipmate deploy prd', asked.ts)).toMatch(
      /Did you mean prod\?[\s\S]*@\u200b?shipmate deploy/,
    )
    expect(await answered(rita, '@shipmate deploy prod v1.8.1', asked.ts)).toMatch(
      /storefront v1\.8\.1 → prod[\s\S]*It waits in line behind 1 run/,
    )
    await card(rita, /v1\.8\.1.*waiting in line.*Place 2 in line, behind #\d+/s)
  })

  it('that is a copy does nothing and says why', async () => {
    const copy = await posted(asked)
    await marco.click('releases', 'Approve', { ts: copy })
    const refusal = await marco.seeMessage('releases', /This button does nothing any more\./)
    expect(wordsOf(refusal)).toMatch(/The message is not the card of the run it names/)
    expect(refusal.ephemeral).toBe(true)
    expect(wordsOf(await cardSays(rita, asked.ts, /waiting for approval/))).toMatch(/0 of 1/)
  })

  it('refuses who was not asked at the click, naming those who were', async () => {
    await stage.ivy.click('releases', 'Approve', { ts: asked.ts })
    await stage.ivy.seeMessage('releases', /You are not one of .*release-managers\.\s+Ask one of: marco, mina\./)
    await stage.gus.click('releases', 'Approve', { ts: asked.ts })
    await stage.gus.seeMessage('releases', /Your answer does not count\.[\s\S]*a guest/)
    await rita.click('releases', 'Reject…', { ts: asked.ts })
    await rita.seeMessage('releases', /You asked for this deploy, so you cannot reject it\./)
    expect(await rita.modals()).toEqual([])
  })

  it('counts a click once that Slack delivers three times, and a used card changes nothing', async () => {
    await marco.click('releases', 'Approve', { ts: asked.ts })
    const delivered = await stage.control.get<{ seq: number; payload: object }[]>('/deliveries')
    const click = delivered.findLast(({ payload }) => JSON.stringify(payload).includes('block_actions'))
    await stage.control.redeliver(click?.seq ?? -1, 2)
    const live = await cardSays(rita, asked.ts, /v1\.8\.0\*? is live in/)
    expect(wordsOf(live)).toMatch(/approved by marco ·/)
    const old = await posted(asked)
    await stage.mina.click('releases', 'Approve', { ts: old })
    await stage.mina.seeMessage('releases', /This button does nothing any more\./)
    expect(await servedVersion(stage)).toBe('v1.8.0')
  })

  /** Somebody posts what they copied; again after a moment when Slack says that this was too fast. */
  function posted({ blocks }: Message): Promise<string> {
    return waitFor('the copy stands there', async () => {
      const response = await fetch(`${stage.url}/api/chat.postMessage`, {
        method: 'POST',
        headers: { authorization: 'Bearer xoxb-playground', 'content-type': 'application/json' },
        body: JSON.stringify({ channel: 'C0RELEASES', text: 'a copy', blocks }),
      })
      return ((await response.json()) as { ts?: string }).ts
    })
  }
})

describe('the terminal', () => {
  let asRita: { [name: string]: string }
  let asMarco: { [name: string]: string }
  const shipmate = (args: string[], env = asRita) => runShipmate(args, env)

  it('takes the token that Slack gave, and refuses any other', async () => {
    const home = { SHIPMATE_DIR: stage.dir, HOME: join(stage.dir, 'home') }
    expect(await runShipmate(['login'], home, 'shp_00000000000000000000\n')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/This token opens nothing\.[\s\S]*\/ops token/),
    })
    expect(await runShipmate(['login'], home, await tokenOf(rita))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Signed in as rita\./),
    })
    asRita = home
    asMarco = { SHIPMATE_DIR: stage.dir, SHIPMATE_TOKEN: await tokenOf(marco) }
  })

  it('refuses as Slack does, in words that work in a terminal', async () => {
    const cases: [string[], number, RegExp][] = [
      [['deploy', 'prd'], 2, /Did you mean prod\?[\s\S]*For example: shipmate deploy prod v1\.8\.0/],
      [['deploy', 'prod', 'v9.9.9'], 2, /There is no release v9\.9\.9/],
      [['deploy'], 2, /some words are missing[\s\S]*For example: shipmate deploy prod v/],
      [['scale', 'prod', '3'], 3, /You may not scale prod\./],
      [['ops', 'token'], 3, /Type \/ops token in Slack\./],
      [['rollback', 'staging'], 3, /Bring a repaired release: shipmate deploy storefront staging/],
    ]
    const ended = await Promise.all(cases.map(([args]) => shipmate(args)))
    cases.forEach(([args, code, words], at) => {
      expect(ended[at]?.err).toMatch(words)
      expect({ args, code: ended[at]?.code }).toEqual({ args, code })
    })
  })

  it('approves the plan that was read, as somebody else than who asked, and waits for the end', async () => {
    const waiting = await card(rita, /v1\.8\.1.*waiting for approval/s)
    const run = /#(\d+) · asked by/.exec(wordsOf(waiting))?.[1] ?? ''
    const digest = /plan ([0-9a-f]{12})/.exec((await shipmate(['run', run])).out)?.[1] ?? ''
    expect(await shipmate(['approve', run, '--digest', 'ffffffffffff'], asMarco)).toMatchObject({ code: 3 })
    expect(await shipmate(['approve', run, '--digest', digest])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/your approval does not count/),
    })
    expect(await shipmate(['approve', run, '--digest', digest], asMarco)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Your approval of #\d+ .* counts\./),
    })
    await cardSays(rita, waiting.ts, /v1\.8\.1\*? is live in/)
    const back = await shipmate(['rollback', 'prod', '--wait', '--json'])
    expect(back.code).toBe(0)
    expect(JSON.parse(back.out)).toMatchObject({ run: { run: { state: 'done' } } })
    expect(await servedVersion(stage)).toBe('v1.8.0')
  })

  async function tokenOf(person: Person): Promise<string> {
    return /shp_[A-Za-z0-9_-]+/.exec(await answered(person, '/ops token'))?.[0] ?? ''
  }
})
