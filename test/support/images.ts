import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))

/** Whether the pictures of the documentation are made anew: `SHIPMATE_IMAGES=1`. */
export const makesImages = process.env.SHIPMATE_IMAGES === '1'

/** Keeps what can be seen now as docs/images/<name>.png; nothing in ordinary runs, which leave the tree as it is. */
export async function keepImage(seen: Page | Locator, name: string): Promise<void> {
  if (!makesImages) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}${name}.png`, await seen.screenshot({ animations: 'disabled', caret: 'hide' }))
}
