import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))

/** Whether the pictures of the documentation are made anew: `SHIPMATE_IMAGES=1`. */
export const makesImages = process.env.SHIPMATE_IMAGES === '1'

/**
 * Keeps what can be seen now as docs/images/<name>.png, `sharp` at all the pixels that the page was opened with.
 * Nothing in ordinary runs, which leave the tree as it is.
 */
export async function keepImage(page: Page, name: string, { sharp = false } = {}): Promise<void> {
  if (!makesImages) return
  // Not over a message, whose actions would cover part of it.
  await page.mouse.move(0, 0)
  const image = await page.screenshot({ animations: 'disabled', caret: 'hide', scale: sharp ? 'device' : 'css' })
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}${name}.png`, image)
}
