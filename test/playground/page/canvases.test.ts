import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chartOf } from '../../../src/incidents/measures/chart.js'
import { measured } from '../../../src/incidents/measures/measures.js'
import { reviewOf } from '../../../src/incidents/review/review.js'
import { pictureOf } from '../../../src/integrations/picture.js'
import { canvasOf } from '../../../src/slack/incidents/review/canvas-markdown.js'
import { minute, rita, viewWith } from '../../incidents/scene.js'
import { requirePart } from '../../support/parts.js'
import { messageWith, phone, type Stage, startStage } from './browser.js'

const view = viewWith({ state: 'resolved', acknowledgedAt: minute(3), resolvedAt: minute(42) })
const timeline = ['Checkout is slow', 'We roll back', 'p95 is back under 300 ms'].map((text, at) => ({
  ...{ incident: 31, position: at + 1, key: `k${at}`, kind: 'note' as const, at: minute(at * 9), by: rita, text },
  data: {},
}))
const review = reviewOf({ view, timeline, runs: [], alerts: [], zone: 'Europe/Rome', now: minute(60) })

describe.skipIf(!requirePart('chromium'))('pages and files in a real browser', () => {
  let stage: Stage
  let page: Page
  const upload = async (filename: string, bytes: Uint8Array, title: string, alt_txt = '') => {
    const place = { filename, length: bytes.byteLength, ...(alt_txt && { alt_txt }) }
    const { upload_url = '', file_id = '' } = await stage.client.files.getUploadURLExternal(place)
    await fetch(upload_url, { method: 'POST', body: new Uint8Array(bytes) })
    const files: [{ id: string; title: string }] = [{ id: file_id, title }]
    await stage.client.files.completeUploadExternal({ files, channel_id: 'C0INCIDENTS' })
  }
  beforeAll(async () => {
    stage = await startStage('manifest.yml')
  })
  afterAll(() => stage?.close())
  afterEach(() => page?.context().close())

  test('the canvas of a channel is a tab beside its messages, can be read, and changes before one’s eyes', async () => {
    page = await stage.open('U0RITA/C0INCIDENTS')
    const tabs = page.getByRole('tablist', { name: 'incidents' })
    expect(await tabs.count()).toBe(0)
    const document_content = { type: 'markdown' as const, markdown: canvasOf(review) }
    const title = 'Review of INC-31'
    const made = await stage.client.conversations.canvases.create({
      channel_id: 'C0INCIDENTS',
      title,
      document_content,
    })
    await tabs.getByRole('tab', { name: title }).click()
    const canvas = page.getByRole('article', { name: title })
    await canvas.getByRole('heading', { name: 'INC-31: Checkout is slow' }).waitFor()
    expect(await canvas.getByRole('cell', { name: 'p95 is back under 300 ms' }).count()).toBe(1)
    await stage.client.apiCall('canvases.edit', {
      canvas_id: made.canvas_id,
      changes: [{ operation: 'insert_at_end', document_content: { type: 'markdown', markdown: 'One more line' } }],
    })
    await canvas.getByText('One more line').waitFor()
    await tabs.getByRole('tab', { name: 'Messages' }).click()
    await page.locator('.messages').waitFor()
  })

  test('a picture stands in the conversation with its words for those who do not see it; a document can be kept', async () => {
    const scope = { days: 30, environment: 'prod', service: null, zone: 'Europe/Rome', now: minute(60) }
    const deploys = [1, 2, 2, 5, 9, 9, 9, 14].map((day, run) => ({
      ...{ run, service: 'storefront', environment: 'prod', version: 'v1', wentLive: run !== 3, builtAt: null },
      ...{ caused: run === 5 ? 31 : null, endedAt: minute(-1440 * day) },
    }))
    const measures = measured({ deploys, incidents: [] }, scope)
    await upload('metrics.png', await pictureOf(chartOf(measures)), 'Deploys and incidents in prod', measures.verdict)
    await upload('inc-31-review.md', Buffer.from(review), 'Review of INC-31')
    page = await stage.open('U0RITA/C0INCIDENTS')
    const picture = page.getByRole('img', { name: measures.verdict })
    await picture.waitFor()
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1440)
    const card = messageWith(page, 'Review of INC-31').getByRole('link', { name: /Review of INC-31.*Download/ })
    const [download] = await Promise.all([page.waitForEvent('download'), card.click()])
    expect(download.suggestedFilename()).toBe('inc-31-review.md')
    expect(stage.problems).toEqual([])
  })

  test('on a phone the canvas stays within the screen', async () => {
    page = await stage.open('U0RITA/C0INCIDENTS', phone)
    await page.getByRole('tab', { name: 'Review of INC-31' }).click()
    await page.getByRole('heading', { name: 'INC-31: Checkout is slow' }).waitFor()
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(wide).toBeLessThanOrEqual(0)
  })
})
