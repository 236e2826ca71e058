import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core'
import { requirePart } from './parts.js'

/** A real Chromium without a window of its own; close it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: requirePart('chromium') ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--headless=new',
    ],
  })
}

/** As a phone of 390 points looks at a page. */
export const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
