import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phone, startBrowser } from '../support/chromium.js'
import { keepImage, makesImages } from '../support/images.js'
import { atFullSize, requirePart } from '../support/parts.js'
import { openStage, type Stage } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

describe.skipIf(!requirePart('chromium'))(
  'the main job, by keyboard and mouse in a real browser',
  { timeout: 90_000 },
  () => {
    let stage: Stage
    let browser: Browser
    let page: Page
    let shop: Page
    const open = async (address: string, options: BrowserContextOptions = {}) => {
      const scale = makesImages ? 2 : 1
      const size = { viewport: { width: 1120, height: 720 }, deviceScaleFactor: scale }
      const context = await browser.newContext({ ...size, locale: 'en-GB', timezoneId: 'Europe/Rome', ...options })
      context.setDefaultTimeout(60_000)
      const opened = await context.newPage()
      await opened.goto(address)
      return opened
    }
    const type = async (words: string) => {
      await page.locator('.channel .composer-text').click()
      await page.keyboard.type(words)
    }
    const run = async (command: string) => {
      await type(command)
      await page.keyboard.press('Enter')
    }
    const actAs = async (name: string) => {
      await page.getByRole('button', { name: /^You act as/ }).click()
      await page.getByRole('menuitem', { name: new RegExp(name) }).click()
      await page.getByRole('button', { name: `You act as ${name}` }).waitFor()
    }
    const message = (words: RegExp) => page.locator('.channel .message').filter({ hasText: words }).last()
    const shopSays = async (version: string) => {
      await expect
        .poll(
          async () => {
            await shop.reload()
            return shop.locator('footer .build').innerText()
          },
          { timeout: 30_000 },
        )
        .toContain(version)
    }

    beforeAll(async () => {
      // Watched longer than the pace at which progress is drawn, so that people see traffic move.
      stage = await openStage({ visitors: 40, file: (text) => text.replace('for: 1s', 'for: 6s') })
      browser = await startBrowser()
      page = await open(stage.url)
      shop = await open(stage.shopUrl())
    })
    afterAll(async () => {
      await browser?.close()
      await stage?.close()
    })

    it('tells a newcomer in #general what to try and where to find the shop', async () => {
      await message(/Welcome to the playground/)
        .getByText('/deploy prod', { exact: true })
        .waitFor()
      await keepImage(page, 'welcome')
      await message(/Welcome to the playground/)
        .getByText('#releases')
        .first()
        .click()
      const bookmark = page.getByRole('toolbar', { name: 'Pins and bookmarks' }).getByRole('link', { name: 'The shop' })
      expect(await bookmark.getAttribute('href')).toBe(stage.shopUrl())
    })

    it('takes /deploy prod from a keyboard, completion included, and shows the card that waits', async () => {
      await shopSays('v1.7.3')
      await keepImage(shop, 'shop-before')
      await type('/dep')
      await page
        .getByRole('listbox', { name: 'Commands' })
        .getByRole('option', { name: /\/deploy/ })
        .waitFor()
      await page.keyboard.press('Tab')
      await page.keyboard.type('prod')
      await page.keyboard.press('Enter')
      const card = message(/v1\.9\.1.*waiting for approval/s)
      await card.getByRole('button', { name: 'Approve', exact: true }).waitFor()
      await keepImage(page, 'waiting-for-approval')
    })

    it('refuses the requester’s own approval, with the reason, to the requester alone', async () => {
      await message(/waiting for approval/)
        .getByRole('button', { name: 'Approve', exact: true })
        .click()
      const refusal = message(/your approval does not count/)
      await refusal.getByText('Only visible to you').waitFor()
      expect(await refusal.innerText()).toMatch(/Ask one of/)
      await keepImage(page, 'own-approval-refused')
      await actAs('Marco Bianchi')
      await message(/waiting for approval/).waitFor()
      expect(await page.getByText('your approval does not count').count()).toBe(0)
    })

    it('moves the traffic from blue to green once a release manager approves, and says that it is done', async () => {
      await message(/waiting for approval/)
        .getByRole('button', { name: 'Approve', exact: true })
        .click()
      const moving = message(/(moving traffic|verifying).*Watch v1\.9\.1.*0 failed of [1-9]/s)
      await moving.waitFor()
      await keepImage(page, 'moving-traffic', { sharp: true })
      const done = message(/v1\.9\.1 is live in prod/)
      await done.waitFor()
      expect(await done.innerText()).toMatch(/Watch v1\.9\.1: 0 failed of \d+/)
      await keepImage(page, 'done')
      await done.getByRole('button', { name: 'Roll back…' }).click()
      const confirm = page.getByRole('dialog', { name: 'Roll back?' })
      await confirm.getByText('v1.7.3 can run on it').waitFor()
      await keepImage(page, 'roll-back-confirm')
      await confirm.getByRole('button', { name: 'Leave it' }).click()
      await shopSays('v1.9.1')
      await keepImage(shop, 'shop-after')
    })

    it('brings the old version back with /rollback prod', async () => {
      const versions = watchVersions(stage.shopUrl())
      await type('/rollback prod')
      const asked = Date.now()
      await page.keyboard.press('Enter')
      await message(/v1\.7\.3 is back in prod/).waitFor()
      const last = await versions.lastOf('v1.9.1')
      const tookMs = last - asked
      console.log(`/rollback prod: every answer is the old version's ${tookMs} ms after Enter`)
      if (atFullSize('in-the-browser')) expect(tookMs).toBeLessThan(5000)
      await shopSays('v1.7.3')
      await keepImage(page, 'rolled-back')
    })

    it('takes a broken release back by itself, and the card says what serves and why', async () => {
      await actAs('Rita Okafor')
      await run('/deploy prod v2.0.0-rc.2')
      await message(/v2\.0\.0-rc\.2.*waiting for approval/s).waitFor()
      await actAs('Marco Bianchi')
      await message(/waiting for approval/)
        .getByRole('button', { name: 'Approve', exact: true })
        .click()
      const undone = message(/v2\.0\.0-rc\.2 did not go live in prod/)
      await undone.waitFor()
      expect(await undone.innerText()).toMatch(/v1\.7\.3 serves all traffic/)
      expect(await undone.innerText()).toMatch(/errors rose to [\d.]+ % \(limit 1 %\)/)
      await keepImage(page, 'undone')
      await undone.getByRole('button', { name: 'Details' }).click()
      await page.getByRole('dialog').getByText('Changes', { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await shopSays('v1.7.3')
    })

    it('asks in a form for what was not said', async () => {
      await actAs('Rita Okafor')
      await run('/deploy')
      const form = page.getByRole('dialog')
      await form.getByText('Environment', { exact: true }).waitFor()
      await keepImage(page, 'form')
      await page.keyboard.press('Escape')
      await form.waitFor({ state: 'detached' })
    })

    it('shows in App Home what waits for this person', async () => {
      await run('/deploy prod v1.8.0')
      await message(/v1\.8\.0.*waiting for approval/s).waitFor()
      await actAs('Marco Bianchi')
      await page
        .getByRole('navigation')
        .getByRole('link', { name: /^Shipmate/ })
        .click()
      const home = page.getByRole('region', { name: 'Home of Shipmate' })
      await home.getByText(/v1\.8\.0 → prod · waiting for approval/).waitFor()
      await keepImage(page, 'app-home')
    })

    it('is read and pressed on a phone', async () => {
      const small = await open(`${stage.url}/#/as/U0MINA/C0RELEASES`, phone)
      const card = small
        .locator('.channel .message')
        .filter({ hasText: /v1\.8\.0 → prod · waiting for approval/ })
        .last()
      await card.getByRole('button', { name: 'Approve', exact: true }).waitFor()
      expect(await small.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
      await keepImage(small, 'phone', { sharp: true })
      await card.getByRole('button', { name: 'Approve', exact: true }).tap()
      await small.getByText(/\d of 9 · \d+ s/).waitFor()
      await small.getByText(/v1\.8\.0 is live in prod/).waitFor()
      await small.context().close()
    })
  },
)

/** Asks the shop who answers, on a fresh connection each time, until told which version has ended. */
function watchVersions(url: string) {
  const lastSeen = new Map<string, number>()
  let on = true
  const asking = (async () => {
    while (on) {
      const answer = await fetch(`${url}/version`, { headers: { connection: 'close' } })
      const { version } = (await answer.json()) as { version: string }
      lastSeen.set(version, Date.now())
    }
  })()
  return {
    /** When this version answered for the last time, once it was silent for half a second. */
    async lastOf(version: string): Promise<number> {
      await waitFor(`${version} answers no more`, () => Date.now() - (lastSeen.get(version) ?? 0) > 500)
      on = false
      await asking
      return lastSeen.get(version) ?? 0
    },
  }
}
