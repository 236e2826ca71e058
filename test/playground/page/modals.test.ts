import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { requirePart } from '../../support/parts.js'
import { composer, type Stage, startStage } from './browser.js'

describe.skipIf(!requirePart('chromium'))('modals and Home in a real browser', () => {
  let stage: Stage
  let page: Page
  const openModal = async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await page.getByRole('button', { name: 'Shortcuts' }).click()
    await page.getByRole('menuitem', { name: /Deploy…/ }).click()
    const dialog = page.getByRole('dialog', { name: 'Deploy' })
    await dialog.getByText('Service', { exact: true }).waitFor()
    return dialog
  }
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage?.close())
  afterEach(async () => {
    await stage.rita.close({ all: true }).catch(() => {})
    await page?.context().close()
  })

  test('a command without arguments opens the modal with the focus on its first input', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await composer(page).pressSequentially('/deploy')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Deploy' }).waitFor()
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-action'))).toBe('service')
  })

  test("missing input and the app's own error stand below the inputs, and what was typed stays", async () => {
    const dialog = await openModal()
    await dialog.getByRole('button', { name: 'Show the plan' }).click()
    await dialog.locator('[data-block=service] .block-error').waitFor()
    await dialog.locator('[data-action=service]').click()
    await page.keyboard.type('admin')
    await page.keyboard.press('Enter')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('short')
    await dialog.getByRole('button', { name: 'Show the plan' }).click()
    await dialog.getByText('Say in at least ten letters why.').waitFor()
    expect(await dialog.locator('[data-block=service] .block-error').count()).toBe(0)
    expect(await dialog.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('short')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('because it is Tuesday')
    await dialog.getByRole('radio', { name: /prod/ }).check()
    await dialog.getByRole('button', { name: 'Show the plan' }).click()
    await dialog.waitFor({ state: 'detached' })
    const sent = JSON.stringify((await stage.control.deliveries()).at(-1)?.payload)
    for (const part of ['storefront-admin', 'because it is Tuesday', '"value":"prod"', '"value":"2"'])
      expect(sent).toContain(part)
  })

  test('an external select asks the app as the person types', async () => {
    const dialog = await openModal()
    await dialog.locator('[data-action=version]').click()
    await page.keyboard.type('1.7')
    await expect.poll(() => page.getByRole('option').allInnerTexts()).toEqual(['v1.7.3', 'v1.7.2'])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => dialog.locator('[data-action=version]').innerText()).toBe('v1.7.2')
  })

  test('Escape closes an open list first, then the modal', async () => {
    const dialog = await openModal()
    await dialog.locator('[data-action=service]').click()
    await page.getByRole('option', { name: 'storefront-admin' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('option').first().waitFor({ state: 'detached' })
    expect(await dialog.isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await stage.rita.modals()).toEqual([])
  })

  test('a modal pushed on top keeps what was typed below', async () => {
    const dialog = await openModal()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('half a reason')
    await dialog.getByRole('button', { name: 'Compare' }).click()
    const top = page.getByRole('dialog', { name: 'What changed' })
    await top.getByText('6 commits by 3 people').waitFor()
    await top.locator('form:not([hidden])').getByRole('button', { name: 'Back' }).last().click()
    await expect.poll(() => dialog.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('half a reason')
  })

  test('an app that does not answer leaves the modal open with the trouble told', async () => {
    const dialog = await openModal()
    await dialog.locator('[data-action=service]').click()
    await page.keyboard.press('Enter')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('silence')
    await dialog.getByRole('button', { name: 'Show the plan' }).click()
    await dialog.getByText('We had some trouble connecting').waitFor()
    expect(await dialog.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('silence')
  })

  test('several people are chosen in one list', async () => {
    const dialog = await openModal()
    const watchers = dialog.locator('[data-action=watchers]')
    await watchers.click()
    await page.getByRole('option', { name: 'Ivy Chen' }).click()
    await page.getByRole('option', { name: 'Mina Park' }).click()
    await page.keyboard.press('Escape')
    await expect.poll(() => watchers.locator('.chip').allInnerTexts()).toEqual(['Ivy Chen', 'Mina Park'])
  })

  test('the Home tab shows what the app publishes when it is opened', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await page.getByRole('link', { name: 'Shipmate' }).click()
    await page.getByRole('heading', { name: 'What waits for you' }).waitFor()
    await page.getByRole('tab', { name: 'Messages' }).click()
    await composer(page).waitFor()
  })

  test('the browser has nothing to complain of', () => {
    expect(stage.problems).toEqual([])
  })
})
