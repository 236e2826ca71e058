import type { Guide } from '../guide.js'
import type { GuideHead } from './guide-head.js'
import { byScore, wordsIn } from './search-guides.js'

/** What is known of an incident: names of alerts, the service, and whatever people and alerts wrote. */
export type Symptoms = { alerts: readonly string[]; service: string | null; text: string }

/** Guides that fit, best first, each with a sentence why; an alert says more than a service, and that more than words. */
export function suggestGuides<Head extends GuideHead>(
  symptoms: Symptoms,
  guides: readonly Head[],
): { guide: Head; score: number; why: string }[] {
  const words = ` ${wordsIn(symptoms.text).join(' ')} `
  return guides
    .flatMap((guide) => {
      const reasons = reasonsFor(guide, symptoms, words)
      if (reasons.length === 0) return []
      const score = reasons.reduce((sum, reason) => sum + reason.worth, 0)
      return [{ guide, score, why: `${sentence(reasons.map(({ text }) => text))}.` }]
    })
    .sort(byScore)
}

/**
 * The guides that are surest to act against what a check finds: one of their acts is proven by it. Surer is one that looks at
 * it before anybody is asked, and surest one that begins with it. Guides that only look at it among others are none.
 */
export function guidesAgainst(check: string, guides: readonly Guide[]): Guide[] {
  const worth = ({ steps }: Guide): number => {
    const about = steps.filter((step) => step.verb === 'check' && step.check === check).map(({ key }) => key)
    if (!steps.some((step) => step.verb === 'do' && step.proof.some((key) => about.includes(key)))) return 0
    const asked = steps.findIndex(({ verb }) => verb !== 'check')
    const early = steps.slice(0, Math.max(0, asked)).some(({ key }) => about.includes(key))
    return 1 + Number(early) + Number(about.includes(steps[0]?.key ?? ''))
  }
  const scored = guides.map((guide) => ({ guide, score: worth(guide) })).sort(byScore)
  const best = scored[0]?.score ?? 0
  return best === 0 ? [] : scored.filter(({ score }) => score === best).map(({ guide }) => guide)
}

type Reason = { worth: number; text: string }

function reasonsFor(guide: GuideHead, { alerts, service }: Symptoms, words: string): Reason[] {
  const { alerts: known, services, symptoms } = guide.for
  const named = services.length > 0 && service !== null
  if (named && !services.includes(service)) return []
  const fired = known.filter((name) => alerts.some((alert) => alert.toLowerCase() === name.toLowerCase()))
  const seen = symptoms.filter((symptom) => words.includes(` ${wordsIn(symptom).join(' ')} `))
  if (fired.length === 0 && seen.length === 0 && !named) return []
  return [
    ...fired.slice(0, 2).map((name) => ({ worth: 100, text: `the alert ${name} fires` })),
    ...(named ? [{ worth: 30, text: `it is written for ${service}` }] : []),
    ...(seen.length > 0 ? [{ worth: 10 * seen.length, text: `somebody wrote ${quotedList(seen)}` }] : []),
  ]
}

const quotedList = (words: string[]): string => words.map((word) => `"${word}"`).join(', ')

function sentence(parts: string[]): string {
  const text = parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? '')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
