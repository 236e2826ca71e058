import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../src/free-port.js'
import { phone, startBrowser } from '../support/chromium.js'
import { keepImage, makesImages } from '../support/images.js'
import { breakable, canMonitor, monitored, startMonitoring } from '../support/monitoring.js'
import { optIn, requirePart } from '../support/parts.js'
import { deployed, openStage, type Stage } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

const wanted = makesImages || optIn('incident-in-the-browser')

describe.skipIf(!wanted || !requirePart('chromium') || !canMonitor())(
  'an incident that a real alert opened, in a real browser',
  { timeout: 120_000 },
  () => {
    let stage: Stage
    let monitoring: { close(): Promise<void> }
    let browser: Browser
    let page: Page
    let room = ''
    const open = async (who: string, channel: string, options: BrowserContextOptions = {}) => {
      const size = { viewport: { width: 1120, height: 980 }, deviceScaleFactor: makesImages ? 2 : 1 }
      const context = await browser.newContext({ ...size, locale: 'en-GB', timezoneId: 'Europe/Rome', ...options })
      context.setDefaultTimeout(60_000)
      const opened = await context.newPage()
      await opened.goto(`${stage.url}/#/as/${who}/${channel}`)
      return opened
    }
    const message = (words: RegExp) => page.locator('.channel .message').filter({ hasText: words }).last()
    const incident = () => message(/INC-1 · storefront in prod/)
    const guide = () => message(/Guide Error spike after a deploy · /)
    const press = async (on: ReturnType<typeof message>, name: string) =>
      on.getByRole('button', { name, exact: true }).click()

    beforeAll(async () => {
      const port = await freePort()
      stage = await openStage({ visitors: 40, file: (text) => breakable(monitored(text, port)) })
      monitoring = await startMonitoring(stage, port)
      browser = await startBrowser()
      await deployed(stage, 'v2.0.0-rc.2', /is live in/)
      const channel = await waitFor(
        'an incident channel',
        async () => (await stage.ivy.channels()).find(({ name }) => name.startsWith('inc-')),
        60_000,
      )
      room = channel.id
      page = await open('U0IVY', room)
    }, 120_000)
    afterAll(async () => {
      await browser?.close()
      await monitoring?.close()
      await stage?.close()
    })

    it('shows how bad it is, the deploy as the first suspect, and the guide that fits', async () => {
      await message(/Now: [\d.]+ % of requests fail.*1\s+deploy\s+#\u200b?1\s+storefront\s+v2\.0\.0-rc\.2/s).waitFor()
      await press(incident(), 'Claim commander')
      await message(/Commander @?ivy/i).waitFor()
    })

    it('is followed by a guide, whose checks look by themselves', async () => {
      await stage.ivy.click(room, 'Follow “Error spike after a deploy”', { thread_ts: await thread() })
      await guide().getByText('Do the errors begin with the deploy?').first().waitFor()
      await press(guide(), 'Yes')
      await message(/Roll back to the version before.*It will run/s).waitFor()
      await guide().scrollIntoViewIfNeeded()
      await keepImage(page, 'guide')
    })

    it('is read on a phone', async () => {
      const small = await open('U0MARCO', room, phone)
      const card = small
        .locator('.channel .message')
        .filter({ hasText: /INC-1 · storefront in prod/ })
        .last()
      await card.getByRole('button', { name: 'Roll back #1' }).scrollIntoViewIfNeeded()
      expect(await small.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
      await card.evaluate((element) => element.scrollIntoView())
      await keepImage(small, 'incident-phone', { sharp: true })
      await small.context().close()
    })

    it('is rolled back by one button and one approval, and the guide shows that it helped', async () => {
      await press(guide(), 'Roll back')
      await page.getByRole('dialog').getByRole('button', { name: 'Roll back', exact: true }).click()
      const asked = await stage.marco.seeMessage('releases', /v1\.7\.3.*waiting for approval/s, 30_000)
      await stage.marco.click('releases', 'Approve', { ts: asked.ts })
      await message(
        /✓ Roll back to the version before.*0 % of requests fail.*◷ Was anything written wrongly/s,
      ).waitFor()
    })

    it('is resolved when its gate is open, and the card says how long it took', async () => {
      await message(/4 of 4 checks green for 10 s/).waitFor()
      await press(incident(), 'Resolve')
      await message(/resolved after.*The review is the canvas of this channel.*INC-1 · storefront in prod/s).waitFor()
      await incident().scrollIntoViewIfNeeded()
      await keepImage(page, 'incident-resolved')
    })

    async function thread(): Promise<string> {
      const shown = await stage.ivy.seeMessage(room, /Suspects/)
      await stage.ivy.seeReply(room, shown.ts, /Follow “Error spike after a deploy”/, 20_000)
      return shown.ts
    }
  },
)
