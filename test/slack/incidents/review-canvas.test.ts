import fc from 'fast-check'
import { expect, it } from 'vitest'
import { unfitForCanvas } from '../../../playground/workspace/text/canvas-markdown.js'
import { findingsOf, type ReviewScene, reviewOf } from '../../../src/incidents/review/review.js'
import type { TimelineEntry } from '../../../src/incidents/timeline.js'
import { canvasOf } from '../../../src/slack/incidents/review/canvas-markdown.js'
import { isOwed } from '../../../src/slack/incidents/review/giving.js'
import { minute, rita, viewWith } from '../../incidents/scene.js'

const line = (position: number, text: string, link?: string): TimelineEntry => ({
  ...{ incident: 31, position, key: `k${position}`, kind: 'note', at: minute(position), by: rita, text },
  data: link ? { link } : {},
})
const scene = (timeline: TimelineEntry[]): ReviewScene => ({
  view: viewWith({ state: 'resolved', resolvedAt: minute(42) }),
  ...{ timeline, runs: [], alerts: [], zone: 'Europe/Rome', now: minute(60) },
})

it('a review of any length and with any words is what a canvas takes, and not one word of it is missing', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.constant('a | b #### c](x) ~ `d`'))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), fc.boolean(), (texts, linked) => {
      const entries = texts.map((one, at) => line(at + 1, one, linked ? 'https://x.example/a(b)' : undefined))
      const review = reviewOf(scene(entries))
      const canvas = canvasOf(review)
      expect(unfitForCanvas(canvas)).toBeNull()
      const words = (markdown: string) => markdown.split(/[\s|*·<>()-]+/).filter((word) => word !== '')
      const missing = new Map<string, number>()
      for (const word of words(review)) missing.set(word, (missing.get(word) ?? 0) + 1)
      for (const word of words(canvas.replaceAll('%28', '(').replaceAll('%29', ')')))
        missing.set(word, (missing.get(word) ?? 0) - 1)
      const heads = new Set(['When', 'What', 'kind', 'Who'])
      expect([...missing].filter(([word, count]) => count > 0 && !heads.has(word))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

it('a short table stays one; with links, with no head or with too many cells it is a list', () => {
  const short = canvasOf(reviewOf(scene([line(1, 'One')])))
  expect(short).toContain('| 2026-11-23 15:01:00 | note | Rita | One |')
  expect(short).toContain('- **Severity** SEV2')
  const linked = canvasOf(reviewOf(scene([line(1, 'One', 'https://x.example/p')])))
  expect(linked).toContain(
    '- **2026-11-23 15:01:00** What kind: note · Who: Rita · What: One ([link](https://x.example/p))',
  )
  const long = canvasOf(reviewOf(scene(Array.from({ length: 80 }, (_, at) => line(at + 1, `Note ${at}`)))))
  expect(long).toContain('What: Note 79')
  expect(long).not.toContain('| note |')
})

it('says at its head what becomes of words that people type there', () => {
  const [head, , keeping] = canvasOf(reviewOf(scene([]))).split('\n')
  expect(head).toBe('# INC-31: Checkout is slow')
  expect(keeping).toMatch(/^> .*words typed here are lost.*\/incident note/)
})

it('has the same findings whenever it is written, and other ones with every note', () => {
  const later = { ...scene([line(1, 'One')]), now: minute(90) }
  expect(findingsOf(later)).toBe(findingsOf(scene([line(1, 'One')])))
  expect(reviewOf(later)).not.toBe(reviewOf(scene([line(1, 'One')])))
  expect(findingsOf(scene([line(1, 'One'), line(2, 'Two')]))).not.toBe(findingsOf(later))
})

it('is owed while it is not there, when its page is older than the rows, and again after the incident came back', () => {
  const now = { version: 5, resolvedAt: minute(42) }
  expect(isOwed(now, undefined)).toBe(true)
  expect(isOwed(now, { as: 'canvas', id: null, version: 0, digest: '' })).toBe(true)
  expect(isOwed(now, { as: 'canvas', id: 'F1', version: 4, digest: 'd' })).toBe(true)
  expect(isOwed(now, { as: 'canvas', id: 'F1', version: 5, digest: 'd' })).toBe(false)
  const file = { as: 'file', why: 'x', id: 'F1', shared: true, version: 4, digest: 'd' } as const
  expect(isOwed(now, { ...file, at: minute(43).toISOString() })).toBe(false)
  expect(isOwed(now, { ...file, at: minute(41).toISOString() })).toBe(true)
  expect(isOwed(now, { ...file, shared: false, at: null })).toBe(true)
})
