import { distance } from '../../releases/nearest.js'
import type { Guide } from '../guide.js'

export type FoundGuide = {
  guide: Guide
  score: number
  /** One sentence: why this one. */
  why: string
}

/** Guides that the words are about, best first; every word has to be found somewhere, typing errors and all. */
export function searchGuides(words: string, guides: readonly Guide[]): FoundGuide[] {
  const wanted = wordsIn(words).filter((word) => !small.has(word))
  if (wanted.length === 0) return guides.map((guide) => ({ guide, score: 0, why: guide.summary }))
  return guides.flatMap((guide) => found(guide, wanted)).sort(byScore)
}

type Scored = { guide: { name: string }; score: number }

export const byScore = (a: Scored, b: Scored): number => b.score - a.score || a.guide.name.localeCompare(b.guide.name)

/** Words that say nothing of what is wrong. */
const small = new Set(
  'the a an is are was were of in on at to for and or with when what how do does it its my our we no not this that'.split(
    ' ',
  ),
)

export const wordsIn = (text: string): string[] =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

/** Where words are looked for, and what a word there is worth. */
const places: { name: string; worth: number; text(guide: Guide): string }[] = [
  { name: 'its title', worth: 10, text: ({ name, title }) => `${name} ${title}` },
  { name: 'its symptoms', worth: 8, text: (guide) => guide.for.symptoms.join(' ') },
  { name: 'its alerts', worth: 6, text: (guide) => guide.for.alerts.map(apart).join(' ') },
  { name: 'its services', worth: 6, text: (guide) => guide.for.services.join(' ') },
  { name: 'what it is for', worth: 4, text: ({ summary }) => summary },
  { name: 'its steps', worth: 2, text: ({ steps, prose }) => `${steps.map(stepText).join(' ')} ${prose}` },
]

const stepText = ({ title, why }: Guide['steps'][number]): string => `${title} ${why}`

/** `HighErrorRate` → `HighErrorRate High Error Rate`. */
const apart = (name: string): string => `${name} ${name.replace(/([a-z0-9])([A-Z])/g, '$1 $2')}`

function found(guide: Guide, wanted: string[]): FoundGuide[] {
  const texts = places.map(({ name, worth, text }) => ({ name, worth, words: [...new Set(wordsIn(text(guide)))] }))
  const hits = wanted.map((word) => bestHit(word, texts))
  if (hits.some((hit) => hit === null)) return []
  const sure = hits.filter((hit) => hit !== null)
  const where = sure.reduce((best, hit) => (hit.score > best.score ? hit : best))
  const seen = [...new Set(sure.map(({ word }) => `"${word}"`))]
  const score = sure.reduce((sum, hit) => sum + hit.score, 0)
  return [
    { guide, score, why: `${seen.join(' and ')} ${seen.length === 1 ? 'is' : 'are'} found, first in ${where.name}.` },
  ]
}

type Hit = { word: string; name: string; score: number }

function bestHit(word: string, texts: { name: string; worth: number; words: string[] }[]): Hit | null {
  let best: Hit | null = null
  for (const { name, worth, words } of texts) {
    for (const other of words) {
      const score = worth * likeness(word, other)
      if (score > (best?.score ?? 0)) best = { word: other, name, score }
    }
  }
  return best
}

/** 1 for the same word, less for one that begins so, less again for a slip of the finger; 0 for another word. */
function likeness(wanted: string, word: string): number {
  if (wanted === word) return 1
  if (wanted.length >= 3 && word.startsWith(wanted)) return 0.8
  if (word.length >= 4 && wanted.startsWith(word)) return 0.6
  const slips = wanted.length >= 8 ? 2 : wanted.length >= 4 ? 1 : 0
  if (slips === 0 || Math.abs(wanted.length - word.length) > slips || word.length > 40) return 0
  return distance(wanted, word) <= slips ? 0.5 : 0
}
