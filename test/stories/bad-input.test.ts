import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { View } from '../../playground/workspace/protocol.js'
import { answered, mentionsAnybody, told } from '../support/answers.js'
import { type Person, wordsOf } from '../support/person.js'
import { card, cardSays, openStage, type Stage } from '../support/stage.js'

let stage: Stage
let rita: Person
let marco: Person

beforeAll(async () => {
  stage = await openStage({ file: withPreview })
  ;({ rita, marco } = stage)
})
afterAll(() => stage?.close())

/** The playground's file with one environment more, which only observes. */
const withPreview = (text: string) => text.replace('\nenvironments:\n', `${previewPlace}\nenvironments:\n${preview}`)

const previewPlace =
  '      preview:\n        target: shop\n        instances: 1\n        verify:\n          minRequests: 0\n'
const preview =
  '  preview:\n    channel: C0RELEASES\n    mode: observe\n    approvals:\n      deploy:\n        quorum: 1\n' +
  '        groups: [release-managers]\n    may:\n      deploy:\n        groups: [release-managers]\n        people: [U0RITA]\n'

const cardsNow = async () =>
  (await rita.messages('releases')).filter(({ ephemeral, user }) => !ephemeral && user === 'U0SHIPMATE')

/** Runs `act` and expects that nobody else sees anything of it. */
async function alone(act: () => Promise<void>): Promise<void> {
  const [cards, others] = [await cardsNow(), (await told(stage.mina)).length]
  await act()
  expect(await cardsNow()).toEqual(cards)
  expect(await told(stage.mina)).toHaveLength(others)
}

describe('words that are wrong', () => {
  it.each([
    [
      '/deploy prd',
      /There is no service or environment "prd"\. Did you mean prod\?[\s\S]*For example: \/deploy prod v1\.8\.0/,
    ],
    ['/deploy production v1.8.0', /There is no service or environment "production"\. Did you mean prod\?/],
    ['/deploy moon', /There is no service or environment "moon"\. There are: preview, prod, staging, storefront\./],
    [
      '/deploy prod v9.9.9',
      /There is no release v9\.9\.9 of storefront\.[\s\S]*one that was built: .*v1\.9\.0, v1\.8\.1, v1\.8\.0/,
    ],
    ['/deploy prod 1.8.0', /There is no release 1\.8\.0 of storefront\.[\s\S]*Did you mean v1\.8\.0\?/],
    ['/deploy prod v1.7.3', /storefront v1\.7\.3 already serves prod\./],
    ['/rollback prod', /There is no release to roll storefront in prod back to\./],
    ['/ops runs 77', /There is no run #\u200b?77\.[\s\S]*\/ops runs/],
    ['/ops stauts', /\/ops does not know "stauts"\. Did you mean status\?/],
    ['/ops lock prod', /You may not lock|Say why/],
  ])('"%s" gets one helpful answer that only the asker sees', async (words, wanted) => {
    await alone(async () => expect(await answered(rita, words)).toMatch(wanted))
  })

  it('100 kB of text get one helpful line, at once, and nothing else happens', async () => {
    await alone(async () => {
      expect(await answered(rita, `/deploy prod ${'x'.repeat(100_000)}`)).toMatch(
        /That is 100005 characters; a command has at most 1000\.[\s\S]*For example: \/deploy prod v1\.8\.0/,
      )
    })
  })

  it('a mention of everybody as the version mentions nobody', async () => {
    await alone(async () => {
      const answer = await answered(rita, '/deploy prod <!channel>')
      expect(answer).toContain('"&lt;!channel&gt;" cannot be a version')
      expect(mentionsAnybody(answer)).toBe(false)
    })
  })
})

describe('people who may not', () => {
  it('a guest hears that guests hold no role, whatever is asked', async () => {
    for (const words of ['/deploy prod v1.8.0', '/deploy', '/ops status', '/ops help'])
      await alone(async () => {
        const answer = await answered(stage.gus, words)
        expect(answer).toMatch(/You may not/)
        expect(answer).toMatch(/a guest/)
        expect(answer).toContain('Ask a full member of the team to do it.')
      })
  })

  it('somebody without the right hears who has it', async () => {
    await alone(async () => {
      const answer = await answered(stage.ivy, '/deploy prod v1.8.0')
      expect(answer).toMatch(/You may not deploy to prod\./)
      expect(answer).toMatch(/The operator's file gives this to @\u200b?release-managers and 1 person by name/)
      expect(answer).toMatch(/Ask one of them/)
    })
    expect(await answered(stage.ivy, '/ops help')).toContain('`/deploy staging v1.8.0`')
  })
})

describe('a form for what is missing', () => {
  const optionsOf = ({ blocks }: View) => JSON.stringify(blocks)

  it('opens with sensible defaults; what is refused says why and can be mended in the same form', async () => {
    await marco.send('releases', '/scale')
    const view = await marco.seeModal(/Scale/)
    expect(optionsOf(view)).toContain('"initial_option":{"text":{"type":"plain_text","text":"prod"')
    await marco.close({ all: true })
    await marco.send('releases', '/scale prod')
    await marco.seeModal(/1 to 4/)
    expect((await marco.submit({ instances: '2' })).result).toBe('closed')
    const refusal = await marco.seeMessage('releases', /storefront in prod already has 2 instances/)
    await marco.click('releases', 'Open the form again', { ts: refusal.ts })
    expect(optionsOf(await marco.seeModal(/1 to 4/))).toMatch(/"initial_option":\{[^}]*\}?[^}]*"value":"2"/)
    await marco.close({ all: true })
  })

  it('proposes the version that the words alone would bring, and asks for it when it is sent', async () => {
    await rita.send('releases', '/deploy')
    const view = await rita.seeModal(/Version/)
    expect(optionsOf(view)).toMatch(/"initial_option":\{"text":\{"type":"plain_text","text":"v1\.9\.1"/)
    await rita.submit({ environment: 'preview', version: 'v1.8.0' })
    const observed = await card(rita, /only observed, nothing was changed/)
    expect(wordsOf(observed)).toMatch(/preview is in observe mode\. The steps below would have run\./)
    expect(wordsOf(observed)).toMatch(/Run 1 migration.*Start v1\.8\.0/s)
    expect(await answered(rita, '/ops status')).toMatch(/preview.*observe mode[\s\S]*nothing serves/)
  })
})

describe('a lock', () => {
  it('refuses with who, why and how long, and names the way to clear it', async () => {
    await answered(stage.ivy, '/ops lock prod for 2h <!here> exam week')
    await alone(async () => {
      const answer = await answered(rita, '/deploy prod v1.8.0')
      expect(answer).toMatch(/storefront in prod is locked, so this deploy was not asked for\./)
      expect(answer).toMatch(/Locked by ivy, for \d+ s, .* left: &lt;!here&gt; exam week\./)
      expect(answer).toMatch(/Ask ivy, or end the lock: \/ops unlock storefront prod/)
      expect(mentionsAnybody(answer)).toBe(false)
    })
    expect(await answered(rita, '/ops status')).toMatch(/locked by ivy since .*, until .*: &lt;!here&gt; exam week/)
    expect(await answered(rita, '/ops why prod')).toMatch(/You cannot deploy storefront to \*prod\* now: 1 gate stands/)
    expect(await answered(rita, '/ops unlock prod')).toMatch(/You may not lock or unlock prod\./)
    expect(await answered(marco, '/ops unlock prod')).toMatch(/Ending somebody else's lock takes a reason/)
    expect(await answered(marco, '/ops unlock prod because the week is over')).toMatch(/Unlocked: storefront\/prod/)
    expect(await answered(rita, '/ops why prod')).toMatch(/Nothing keeps you from deploying storefront to prod/)
  })
})

describe('a release whose texts mean harm', () => {
  it('mentions nobody and disguises no link: card, thread, details, Home', async () => {
    const releases = join(stage.dir, 'floor', 'releases')
    cpSync(join(releases, 'v1.9.0'), join(releases, 'harm'), { recursive: true })
    const file = join(releases, 'harm', 'release.json')
    const harm = '<!channel> <@U0GUS> <https://evil.example|Approve> *now* @here'
    writeFileSync(
      file,
      JSON.stringify({
        ...(JSON.parse(readFileSync(file, 'utf8')) as object),
        version: 'v1.9.5',
        changes: [{ sha: harm, author: harm, subject: harm }],
        migrations: [{ name: harm, what: harm, safe: true }],
      }),
    )
    await rita.send('releases', '/deploy prod v1.9.5')
    const asked = await card(rita, /v1\.9\.5.*waiting for approval/s)
    await rita.click('releases', 'Details', { ts: asked.ts })
    const details = await rita.seeModal(/Migrations/)
    await marco.openHome()
    const home = await marco.seeHome(/v1\.9\.5/)
    const mention = await rita.seeReply('releases', asked.ts, /waits for 1 approval/)
    expect(wordsOf(asked)).toContain('&lt;!channel&gt;')
    for (const words of [asked, details, home].map(wordsOf)) expect(mentionsAnybody(words)).toBe(false)
    // Those who must act are mentioned, and nobody else.
    expect(mentionsAnybody(wordsOf(mention).replaceAll('<!subteam^S0RELEASE>', ''))).toBe(false)
    await rita.close({ all: true })
    await marco.click('releases', 'Reject…', { ts: asked.ts })
    await marco.seeModal(/Reject/)
    await marco.submit({ reason: `no ${harm}` })
    const refused = await cardSays(rita, asked.ts, /did \*?not\*? go live/)
    expect(mentionsAnybody(wordsOf(refused))).toBe(false)
  })
})
