import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Guide } from '../../../src/incidents/guide.js'
import { importGuide } from '../../../src/incidents/guides/import-guide.js'
import { readGuide } from '../../../src/incidents/guides/read-guide.js'
import { atFullSize } from '../../support/parts.js'
import { runbooks } from './runbooks.js'

const cases = atFullSize('guides-import') ? 20_000 : 2_000

/** What a line says, without the marks that make it a point, a quote, a heading or the edge of a block of code. */
function said(line: string): string {
  const edge = /^(\s|>|[-*+](?=\s)|\d{1,9}[.)](?=\s))*[`~]{3,}[^\s`]*\s*$/
  // The edge of a block of code, with its language: the guide's own file keeps it.
  let text = edge.test(line) ? '' : line
  for (let before = ''; before !== text; ) {
    before = text
    text = text.replace(/^\s+/, '').replace(/^(>|[-*+](?=\s|$)|\d{1,9}[.)](?=\s|$)|#{1,6}(?=\s|$)|[`~]{3,})/, '')
  }
  text = text.replace(/\s+$/, '').replace(/\s+#+$/, '')
  return /^[-=]+$|^([-*_]\s*){3,}$/.test(text) ? '' : text
}

/** Lines of the original that a guide does not say, as often as they were written. */
function lost(original: string, guide: Guide): string[] {
  const texts = [guide.title, guide.summary, guide.prose]
  for (const step of guide.steps) {
    texts.push(step.title, step.why)
    if (step.verb === 'manual' && step.command !== null) texts.push(step.command)
  }
  const kept = texts.flatMap((text) => text.split('\n')).map(said)
  return original
    .split(/\r\n|\n/)
    .map(said)
    .filter((line) => {
      if (line === '') return false
      const at = kept.indexOf(line)
      if (at >= 0) kept.splice(at, 1)
      return at < 0
    })
}

test(`of ${cases} runbooks that were not written for Shipmate not one line is lost, and each reads back as it was imported`, () => {
  fc.assert(
    fc.property(runbooks, (original) => {
      const { guide, markdown } = importGuide(original, 'from-elsewhere')
      expect(lost(original, guide)).toEqual([])
      expect(guide.prose).not.toContain('Lines that found no other place')
      expect(readGuide(markdown, 'from-elsewhere')).toEqual(guide)
      expect(guide.steps.every(({ verb }) => verb === 'manual')).toBe(true)
    }),
    { numRuns: cases },
  )
})
