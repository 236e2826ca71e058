import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What this build is and how it looks; written next to the server when the release is built. */
export type ShopRelease = {
  version: string
  commit: string
  look: Look
  /** The last migration it needs. */
  schema: string
  /** File names with content hashes. */
  assets: { css: string; js: string }
  behaviour: Behaviour
}

export type Look = { name: string; tagline: string; layout: 'grid' | 'gallery'; giftNotes: boolean }

/** What is wrong with some builds, so that deploying them can be rehearsed. */
export type Behaviour = {
  /** Milliseconds of warming up before it says it is ready. */
  warmUp: number
  neverReady: boolean
  /** One page answer in so many is an error; 0 is none. */
  errorEvery: number
}

export function readRelease(folder: string): ShopRelease {
  return JSON.parse(readFileSync(join(folder, 'shop.json'), 'utf8')) as ShopRelease
}
