import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { startWorkspace } from '../../../playground/workspace/server.js'
import { startBrowser } from '../../support/chromium.js'
import { at, startBoltApp } from '../workspace/started.js'
import { prepareApp } from './app.js'

const manifestPath = fileURLToPath(new URL('manifest.yml', import.meta.url))
const pageDir = fileURLToPath(new URL('../../../dist/playground/page', import.meta.url))

export { phone } from '../../support/chromium.js'

export type Stage = Awaited<ReturnType<typeof startStage>>

/** A real workspace with an app connected to it, and a real Chromium that looks at its page. */
export async function startStage(manifest = manifestPath) {
  const workspace = await startWorkspace({ manifestPath: manifest, limits: false, pageDir })
  const app = await startBoltApp(workspace, prepareApp)
  const browser = await startBrowser()
  const problems: string[] = []
  return {
    ...at(workspace),
    workspace,
    /** What the browser's console complained of since the start. */
    problems,
    /** A fresh window at `#/as/<person>/<place>`, once messages or a Home can be seen. */
    open: async (place: string, options: BrowserContextOptions = {}): Promise<Page> => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
      // Before the test's own limit, so that the locator that failed is named.
      context.setDefaultTimeout(10_000)
      const page = await context.newPage()
      page.on('console', (line) => {
        if (line.type() === 'error' || line.type() === 'warning') problems.push(line.text())
      })
      page.on('pageerror', (error) => problems.push(error.message))
      await page.goto(`${workspace.url}/#/as/${place}`)
      await page.getByRole('navigation', { includeHidden: true }).waitFor({ state: 'attached' })
      return page
    },
    close: async () => {
      await browser.close()
      await app.stop()
      await workspace.close()
    },
  }
}

/** The message with these words, newest first. */
export const messageWith = (page: Page, words: string | RegExp) =>
  page.locator('.message').filter({ hasText: words }).last()

export const composer = (page: Page) => page.locator('.channel .composer-text')
