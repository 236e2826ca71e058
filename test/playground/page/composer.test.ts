import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { requirePart } from '../../support/parts.js'
import { composer, messageWith, type Stage, startStage } from './browser.js'

describe.skipIf(!requirePart('chromium'))('the composer in a real browser', () => {
  let stage: Stage
  let page: Page
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage?.close())
  afterEach(() => page?.context().close())

  test('a slash shows the commands with usage; arrows and Tab choose one; Enter runs it', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await composer(page).pressSequentially('/')
    const list = page.getByRole('listbox', { name: 'Commands' })
    await expect.poll(() => list.getByRole('option').count()).toBe(3)
    expect(await list.innerText()).toContain('[service] <environment> [version]')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Tab')
    expect(await composer(page).inputValue()).toBe('/deploy ')
    await page.keyboard.type('prod')
    await page.keyboard.press('Enter')
    await messageWith(page, 'Only visible to you').getByText('Asked for').waitFor()
    await messageWith(page, 'waiting for approval').waitFor()
    expect(await composer(page).inputValue()).toBe('')
  })

  test('an @ completes people, and the sent message mentions them', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await composer(page).pressSequentially('morning @mar')
    await page.keyboard.press('Enter')
    expect(await composer(page).inputValue()).toBe('morning @marco ')
    await page.keyboard.press('Enter')
    await messageWith(page, 'morning').locator('.mention', { hasText: '@marco' }).waitFor()
    expect((await stage.rita.messages('releases')).at(-1)?.text).toContain('<@U0MARCO>')
  })

  test('Shift+Enter starts a line, Enter sends', async () => {
    page = await stage.open('U0RITA/C0RANDOM')
    await composer(page).pressSequentially('one')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('two <b>')
    await page.keyboard.press('Enter')
    await messageWith(page, 'two <b>').waitFor()
    expect((await stage.rita.messages('random')).at(-1)?.text).toBe('one\ntwo &lt;b&gt;')
  })

  test('up in an empty field edits the last message of one’s own', async () => {
    page = await stage.open('U0RITA/C0RANDOM')
    await composer(page).pressSequentially('ask @ivy')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    await messageWith(page, 'ask').waitFor()
    await composer(page).press('ArrowUp')
    const box = page.getByRole('textbox', { name: 'Edit message' })
    await expect.poll(() => box.inputValue()).toBe('ask @ivy')
    await box.press('End')
    await page.keyboard.type(' today')
    await page.keyboard.press('Enter')
    await messageWith(page, 'today').getByText('(edited)').waitFor()
    expect((await stage.rita.messages('random')).at(-1)?.text).toBe('ask <@U0IVY> today')
  })

  test("what Slack itself says to a command that does not exist is Slackbot's line", async () => {
    page = await stage.open('U0RITA/C0RANDOM')
    await composer(page).pressSequentially('/nothing here')
    await page.keyboard.press('Enter')
    const line = messageWith(page, 'is not a valid command')
    await line.getByText('Slackbot').waitFor()
    await line.getByText('Only visible to you').waitFor()
    await line.getByRole('button', { name: 'Dismiss' }).click()
    await line.waitFor({ state: 'detached' })
  })

  test('a draft stays while another channel is looked at', async () => {
    page = await stage.open('U0RITA/C0RANDOM')
    await composer(page).pressSequentially('not finished')
    await page.getByRole('link', { name: /^general/ }).click()
    await expect.poll(() => composer(page).inputValue()).toBe('')
    await page.getByRole('link', { name: /^random/ }).click()
    await expect.poll(() => composer(page).inputValue()).toBe('not finished')
  })

  test('the browser has nothing to complain of', () => {
    expect(stage.problems).toEqual([])
  })
})
