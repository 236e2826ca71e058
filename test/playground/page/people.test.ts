import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { requirePart } from '../../support/parts.js'
import { composer, messageWith, phone, type Stage, startStage } from './browser.js'

describe.skipIf(!requirePart('chromium'))('people, unread marks and the phone in a real browser', () => {
  let stage: Stage
  let page: Page
  const entry = (name: string) => page.getByRole('link', { name: new RegExp(`^${name}`) })
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage?.close())
  afterEach(() => page?.context().close())

  test('one acts as somebody else by the switcher, by keyboard and by address', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await page.getByRole('button', { name: /You act as Rita Okafor/ }).click()
    await page.getByRole('menuitem', { name: /Marco Bianchi/ }).click()
    await page.getByRole('button', { name: /You act as Marco Bianchi/ }).waitFor()
    expect(page.url()).toContain('#/as/U0MARCO/C0RELEASES')
    await page.keyboard.press('Control+Shift+Digit4')
    await page.getByRole('button', { name: /You act as Ivy Chen/ }).waitFor()
    await composer(page).pressSequentially('it is me')
    await page.keyboard.press('Enter')
    await messageWith(page, 'it is me').getByText('Ivy Chen').waitFor()
    await page.goto(page.url().replace('U0IVY', 'U0GUS'))
    await page.getByRole('button', { name: /You act as Gus Weber/ }).waitFor()
  })

  test('the switcher shows who has unread mentions', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await stage.rita.send('releases', '@mina please look')
    await page.getByRole('button', { name: 'Act as Mina Park, 1 unread mention' }).waitFor()
  })

  test('unread channels are bold, mentions are counted, and looking at a channel reads it', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await expect.poll(() => entry('random').getAttribute('class')).not.toContain('entry-unread')
    await stage.marco.send('random', 'cake')
    await expect.poll(() => entry('random').getAttribute('class')).toContain('entry-unread')
    await stage.marco.send('random', 'for @rita')
    await page.getByRole('link', { name: 'random, 1 mention' }).click()
    await page.locator('.divider-new').waitFor()
    await expect.poll(async () => (await stage.rita.channel('random')).unread).toBe(0)
    await expect.poll(() => entry('random').locator('.badge').count()).toBe(0)
  })

  test('Ctrl+K goes to a channel', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await composer(page).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Go to' }).waitFor()
    await page.keyboard.type('inci')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'incidents', level: 1 }).waitFor()
  })

  test('a person writes to another from the list', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await page.getByRole('navigation').getByRole('button', { name: 'Ivy Chen' }).click()
    await page.getByRole('heading', { name: 'Ivy Chen', level: 1 }).waitFor()
    await composer(page).pressSequentially('hello')
    await page.keyboard.press('Enter')
    await messageWith(page, 'hello').waitFor()
  })

  test('on a phone the list is a drawer, a thread fills the page, and nothing scrolls sideways', async () => {
    const { ts = '' } = await stage.rita.send('releases', `a long word ${'x'.repeat(300)}`)
    page = await stage.open('U0MARCO/C0RELEASES', phone)
    const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    await messageWith(page, 'a long word').waitFor()
    expect(await sideways()).toBe(0)
    await messageWith(page, 'a long word').tap()
    await messageWith(page, 'a long word').getByRole('button', { name: 'More actions' }).tap()
    await page.getByRole('menuitem', { name: 'Copy link' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('navigation').count()).toBe(0)
    await page.getByRole('button', { name: 'Open the sidebar' }).click()
    await entry('incidents').click()
    await page.getByRole('heading', { name: 'incidents', level: 1 }).waitFor()
    await expect.poll(() => page.getByRole('navigation').count()).toBe(0)
    await page.goto(`${stage.workspace.url}/#/as/U0MARCO/C0RELEASES/thread/${ts}`)
    const thread = page.getByRole('complementary', { name: 'Thread' })
    await thread.getByText('a long word').waitFor()
    expect((await thread.boundingBox())?.width).toBe(390)
    expect(await sideways()).toBe(0)
  })

  test('the browser has nothing to complain of', () => {
    expect(stage.problems).toEqual([])
  })
})
