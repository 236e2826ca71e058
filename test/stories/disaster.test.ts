import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowsOf } from '../support/backups/engine-rig.js'
import { phone, startBrowser } from '../support/chromium.js'
import { keepImage, makesImages } from '../support/images.js'
import { requirePart } from '../support/parts.js'
import { openStage, type Stage } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

describe.skipIf(!requirePart('chromium'))(
  'a migration that drops the orders, and people who bring them back, in a real browser',
  { timeout: 120_000 },
  () => {
    let stage: Stage
    let browser: Browser
    let page: Page
    let shop: Page
    let orders: Witness
    let bought = ''
    const open = async (address: string, options: BrowserContextOptions = {}) => {
      const size = { viewport: { width: 1120, height: 1000 }, deviceScaleFactor: makesImages ? 2 : 1 }
      const context = await browser.newContext({ ...size, locale: 'en-GB', timezoneId: 'Europe/Rome', ...options })
      context.setDefaultTimeout(60_000)
      const opened = await context.newPage()
      await opened.goto(address)
      return opened
    }
    const message = (words: RegExp) => page.locator('.channel .message').filter({ hasText: words }).last()
    const button = (on: Locator, name: string) => on.getByRole('button', { name, exact: true })
    const run = async (command: string) => {
      await page.locator('.channel .composer-text').click()
      await page.keyboard.type(command)
      await page.keyboard.press('Enter')
    }
    const actAs = async (name: string) => {
      await page.getByRole('button', { name: /^You act as/ }).click()
      await page.getByRole('menuitem', { name: new RegExp(name) }).click()
      await page.getByRole('button', { name: `You act as ${name}` }).waitFor()
    }
    const goTo = async (channel: RegExp) => {
      await page.getByRole('navigation').getByRole('link', { name: channel }).first().click()
    }
    const buy = async () => {
      await shop.goto(`${stage.shopUrl()}/products/3`)
      await shop.getByRole('button', { name: 'Add to cart' }).click()
      await shop.getByRole('button', { name: 'Place order' }).click()
      await shop.getByRole('heading', { level: 1 }).waitFor()
    }
    const shopSays = () => shop.getByRole('heading', { level: 1 }).innerText()

    beforeAll(async () => {
      // Watched long enough for visitors to reach the checkout.
      stage = await openStage({
        visitors: 40,
        file: (text) => text.replace('for: 1s', 'for: 6s').replace('green: 1m', 'green: 3s'),
      })
      browser = await startBrowser()
      page = await open(`${stage.url}/#/as/U0RITA/C0RELEASES`)
      shop = await open(stage.shopUrl())
      orders = watchOrders(shopDatabase(stage))
    })
    afterAll(async () => {
      await orders?.stop()
      await browser?.close()
      await stage?.close()
    })

    it('is deployed by two people after a backup, is taken back by itself, and its migration stays', async () => {
      await buy()
      expect(await shopSays()).toBe('Thank you')
      bought = shop.url()
      await run('/deploy prod v2.0.0-rc.3')
      const card = message(/v2\.0\.0-rc\.3.*waiting for approval/s)
      await card.waitFor()
      expect(await card.innerText()).toMatch(/drops orders and their lines, not safe to roll back over/)
      await actAs('Marco Bianchi')
      await button(card, 'Approve').click()
      const undone = message(/v2\.0\.0-rc\.3 did not go live in prod/)
      await undone.waitFor()
      expect(await undone.innerText()).toMatch(/v1\.7\.3 may not run on one of them/)
      expect(await undone.innerText()).toMatch(/\/restore shop before 1/)
    })

    it('leaves a shop that shows nobody an order and takes none', async () => {
      await shop.goto(bought)
      expect(await shopSays()).toBe('Rough water')
      await buy()
      expect(await shopSays()).toBe('Rough water')
    })

    it('is an incident whose card suspects the deploy and offers to recover data', async () => {
      await actAs('Ivy Chen')
      await button(message(/v2\.0\.0-rc\.3 did not go live/), 'Open incident…').click()
      const form = page.getByRole('dialog')
      await form.getByLabel('What is wrong?').fill('Orders are gone')
      await form.getByRole('button', { name: 'Open', exact: true }).click()
      await form.waitFor({ state: 'detached' })
      await goTo(/inc-/)
      const card = message(/INC-1 · storefront in prod/)
      await card
        .getByText(/deploy #\u200b?1 storefront v2\.0\.0-rc\.3/)
        .first()
        .waitFor()
      await button(card, 'Recover data…').waitFor()
    })

    it('has a form that means the moment before the deploy, and says what that loses', async () => {
      await button(message(/INC-1 · storefront in prod/), 'Recover data…').click()
      const form = page.getByRole('dialog')
      await form.getByText(/Goes back to just before #1/).waitFor()
      await form.getByLabel(/Type shop to confirm/).fill('shop')
      await form.getByRole('button', { name: 'Restore', exact: true }).click()
      await form.waitFor({ state: 'detached' })
    })

    it('waits for a second person, who reads on a phone what is gone and what comes back', async () => {
      await goTo(/releases/)
      const words = /restore of shop in prod · waiting for approval/i
      await button(message(words), 'Approve').click()
      await message(/your approval does not count/).waitFor()
      const small = await open(`${stage.url}/#/as/U0MARCO/C0RELEASES`, phone)
      const card = small.locator('.channel .message').filter({ hasText: words }).last()
      await card
        .getByText(/Put shop of prod back to .+, just before #\u200b?1\? What was written after that goes/)
        .waitFor()
      expect(await card.innerText()).toMatch(/orders: not there → [\d,]+/)
      expect(await small.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
      await button(card, 'Approve').tap()
      await small
        .getByText(/Restore of shop in prod is live/)
        .first()
        .waitFor()
      await small.context().close()
    })

    it('makes the shop whole again, with no order lost that was placed before that moment', async () => {
      const live = message(/Restore of shop in prod is live/)
      await live.waitFor()
      const told = await live.innerText()
      expect(told).toMatch(/What was written from .+ to .+ is only in the kept data\./)
      expect(told).toMatch(/asked by ivy · approved by marco/)
      expect(told).toMatch(/whole again after .+; the application was paused for /)
      const chosen = await momentBefore(stage, 1)
      const older = orders.seen().filter(({ at }) => at <= chosen)
      const there = await orders.now()
      const lost = older.filter(({ id }) => !there.some((one) => one.id === id))
      console.log(`${older.length} orders were placed before ${chosen.toISOString()}, ${lost.length} of them are lost`)
      expect(older.length).toBeGreaterThan(3)
      expect(lost).toEqual([])
      await shop.goto(bought)
      expect(await shopSays()).toBe('Thank you')
      await buy()
      expect(await shopSays()).toBe('Thank you')
    })

    it('is told whole on the incident’s card, with words for people outside, and can be resolved', async () => {
      await goTo(/inc-/)
      const card = message(/INC-1 · storefront in prod/)
      await card.getByText(/whole again after/).waitFor()
      await card.getByText(/Draft/).waitFor()
      await card.evaluate((element) => element.scrollIntoView())
      await keepImage(page, 'data-recovered')
      await button(card, 'Publish').click()
      await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click()
      await card.getByText(/Draft/).waitFor({ state: 'detached' })
      await button(card, 'Resolve').click()
      await message(/resolved after/).waitFor()
    })
  },
)

type Order = { id: string; at: Date }
type Witness = ReturnType<typeof watchOrders>

/** The database of prod, as its superuser, whichever server runs there. */
function shopDatabase({ dir }: Stage): string {
  const read = (name: string) => readFileSync(join(dir, 'shop-database', name), 'utf8').trim()
  return `postgres://shipmate:${read('password')}@127.0.0.1:${read('port')}/storefront_prod`
}

/** Remembers every order that was ever there. */
function watchOrders(url: string) {
  const known = new Map<string, Order>()
  const now = () => rowsOf(url, 'select id, placed_at as at from orders') as Promise<Order[]>
  let on = true
  const looking = (async () => {
    while (on) {
      for (const order of await now().catch(() => [])) known.set(order.id, order)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  return {
    now,
    seen: () => [...known.values()],
    async stop() {
      on = false
      await looking
    },
  }
}

/** The last moment before that run's migration began, from Shipmate's own rows. */
async function momentBefore({ dir }: Stage, deploy: number): Promise<Date> {
  const read = (name: string) => readFileSync(join(dir, 'postgres', name), 'utf8').trim()
  const url = `postgres://shipmate:${read('password')}@127.0.0.1:${read('port')}/postgres`
  const [row] = await waitFor('the migration', () =>
    rowsOf(url, `select started_at from shipmate.steps where run = ${deploy} and key = 'migrate'`),
  )
  return new Date((row?.started_at as Date).getTime() - 1)
}
