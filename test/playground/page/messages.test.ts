import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { requirePart } from '../../support/parts.js'
import { composer, messageWith, type Stage, startStage } from './browser.js'
import { richBlocks, waitingCard } from './cards.js'

describe.skipIf(!requirePart('chromium'))('messages in a real browser', () => {
  let stage: Stage
  let page: Page
  const unix = Math.floor(Date.now() / 1000) + 600
  const postCard = async () => {
    const posted = await stage.client.chat.postMessage({
      channel: 'C0RELEASES',
      text: 'waits',
      blocks: waitingCard(unix),
    })
    return posted.ts ?? ''
  }
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage?.close())
  afterEach(() => page?.context().close())

  test('a click on a button reaches the app as the person who acts, and the answer is seen by that person alone', async () => {
    await postCard()
    page = await stage.open('U0RITA/C0RELEASES')
    await messageWith(page, 'waiting for approval').getByRole('button', { name: 'Approve' }).click()
    await messageWith(page, 'your approval does not count').getByText('Only visible to you').waitFor()
    expect((await stage.marco.messages('releases')).some(({ text }) => text.includes('does not count'))).toBe(false)
  })

  test('a card that the app redraws changes in place', async () => {
    page = await stage.open('U0MARCO/C0RELEASES')
    const ts = await postCard()
    const card = page.locator(`[data-ts="${ts}"]`)
    await card.getByRole('button', { name: 'Approve' }).click()
    await card.getByText('moving traffic').waitFor()
    expect(await card.getByRole('button', { name: 'Approve' }).count()).toBe(0)
  })

  test('a dangerous button asks first, and Escape means no', async () => {
    page = await stage.open('U0MARCO/C0RELEASES')
    const ts = await postCard()
    const reject = page.locator(`[data-ts="${ts}"]`).getByRole('button', { name: 'Reject…' })
    await reject.click()
    const dialog = page.getByRole('dialog', { name: 'Reject #482?' })
    await dialog.getByText('v1.7.3 still serves all traffic').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await reject.click()
    await dialog.getByRole('button', { name: 'Reject' }).click()
    await page.locator(`[data-ts="${ts}"]`).getByText('was rejected').waitFor()
  })

  test('a select in a message is filtered by typing and chosen with Enter', async () => {
    page = await stage.open('U0MARCO/C0RELEASES')
    const ts = await postCard()
    const select = page.locator(`[data-ts="${ts}"]`).getByRole('button', { name: /Strategy/ })
    await select.click()
    await page.keyboard.type('roll')
    await page.keyboard.press('Enter')
    await expect.poll(() => select.innerText()).toContain('Rolling')
    const deliveries = await stage.control.deliveries()
    expect(JSON.stringify(deliveries.at(-1)?.payload)).toContain('"value":"rolling"')
  })

  test('every kind of rich text is drawn', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await stage.client.chat.postMessage({ channel: 'C0RELEASES', text: 'all', blocks: richBlocks(unix) as never })
    const message = messageWith(page, 'What changed in v1.8.0')
    await message.getByRole('heading', { name: 'What changed in v1.8.0' }).waitFor()
    expect(await message.locator('b', { hasText: 'Bold' }).count()).toBe(1)
    expect(await message.getByRole('link', { name: '#incidents' }).getAttribute('href')).toContain('C0INCIDENTS')
    expect(await message.locator('.rich-list').count()).toBe(2)
    expect(await message.getByRole('cell', { name: '212 ms' }).count()).toBe(1)
    expect(await message.getByRole('checkbox', { includeHidden: true }).count()).toBe(2)
    expect(await message.locator('.rich time').innerText()).toMatch(/^Today at /)
  })

  test('files and pictures of a thread can be seen and fetched', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    const ts = await postCard()
    const place = { channel_id: 'C0RELEASES', thread_ts: ts }
    await stage.client.files.uploadV2({
      ...place,
      filename: 'deploy.log',
      file: Buffer.from('line 1\nline 2\n'),
      title: 'The log',
    })
    await stage.client.files.uploadV2({ ...place, filename: 'chart.png', file: png, title: 'p95 is under its limit' })
    page = await stage.open(`U0RITA/C0RELEASES/thread/${ts}`)
    const thread = page.getByRole('complementary', { name: 'Thread' })
    const picture = thread.getByRole('img', { name: 'p95 is under its limit' })
    await picture.waitFor()
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
    const link = await thread.getByRole('link', { name: /The log/ }).getAttribute('href')
    expect(await (await page.request.get(new URL(link ?? '', stage.workspace.url).href)).text()).toBe(
      'line 1\nline 2\n',
    )
  })

  test('text from outside mentions nobody and becomes no markup', async () => {
    page = await stage.open('U0RITA/C0RELEASES')
    await stage.client.chat.postMessage({
      channel: 'C0RELEASES',
      text: 'v1 &lt;!channel&gt; &lt;img src=x onerror=alert(1)&gt;',
    })
    const message = messageWith(page, 'v1 <!channel>')
    await message.waitFor()
    expect(await message.locator('.mention, img').count()).toBe(0)
  })

  test('replies go into the thread on the right; Escape closes it', async () => {
    const ts = await postCard()
    page = await stage.open('U0RITA/C0RELEASES')
    const card = page.locator(`.channel [data-ts="${ts}"]`)
    await card.hover()
    await card.getByRole('button', { name: 'Reply in thread' }).click()
    const thread = page.getByRole('complementary', { name: 'Thread' })
    await thread.getByRole('combobox').pressSequentially('looks good')
    await page.keyboard.press('Enter')
    await thread.getByText('looks good').waitFor()
    await card.getByRole('button', { name: /1 reply/ }).waitFor()
    expect(page.url()).toContain(`/thread/${ts}`)
    await page.keyboard.press('Escape')
    await thread.waitFor({ state: 'detached' })
  })

  test('reactions are put on and taken off', async () => {
    const ts = await postCard()
    page = await stage.open('U0RITA/C0RELEASES')
    const card = page.locator(`[data-ts="${ts}"]`)
    await card.hover()
    await card.getByRole('button', { name: 'React with eyes' }).click()
    const reaction = card.getByRole('button', { name: /^eyes: 1/ })
    await reaction.waitFor()
    expect(await reaction.getAttribute('aria-pressed')).toBe('true')
    await reaction.click()
    await reaction.waitFor({ state: 'detached' })
  })

  test("a message's menu runs the app's shortcut", async () => {
    await stage.marco.send('random', 'the shop is slow')
    page = await stage.open('U0RITA/C0RANDOM')
    const message = messageWith(page, 'the shop is slow')
    await message.hover()
    await message.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: /Open incident/ }).click()
    await messageWith(page, 'An incident starts here').waitFor()
  })

  test('only the rest of a channel’s history is left out at first', async () => {
    for (let count = 0; count < 70; count += 1) await stage.marco.send('general', `line ${count}`)
    page = await stage.open('U0RITA/C0GENERAL')
    await messageWith(page, 'line 69').waitFor()
    expect(await page.getByText('line 0', { exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Show older messages' }).click()
    await page.getByText('line 0', { exact: true }).waitFor()
    await page.getByText('This is the very beginning of the #general channel').waitFor()
    expect(await composer(page).count()).toBe(1)
  })

  test('the browser has nothing to complain of', () => {
    expect(stage.problems).toEqual([])
  })
})
