import type { Known, Parsed } from './command.js'
import { cut, problem, spokenPlace } from './place.js'

/** /ops guide: without words all of them, `search …` those that fit, a name the guide itself. */
export function parseGuides(words: string[]): Parsed {
  const [first, ...rest] = words
  const searching = first !== undefined && /^(search|find|for)$/i.test(first)
  if (first === undefined || searching)
    return { kind: 'incident query', query: { name: 'guides', words: rest.join(' ') } }
  return { kind: 'incident query', query: { name: 'guide', guide: words.join('-').toLowerCase() } }
}

/** /ops drill: the guide, and where it is rehearsed; without words, how guides were rehearsed. */
export function parseDrill(words: string[], known: Known): Parsed {
  if (words.length === 0 || (words.length === 1 && /^(list|all)$/i.test(words[0] ?? '')))
    return { kind: 'incident query', query: { name: 'drills' } }
  const { service, environment, rest } = spokenPlace(words, known)
  if (rest.length === 0) return problem('Say which guide is rehearsed.', '/ops drill slow-application staging')
  const place = { ...(service ? { service } : {}), ...(environment ? { environment } : {}) }
  return { kind: 'incident act', act: { name: 'drill', guide: rest.join('-').toLowerCase(), ...place } }
}

export function parseMetrics(words: string[]): Parsed {
  const said = words.find((word) => /^\d{1,4}d?$/i.test(word))
  const odd = words.find((word) => word !== said && !/^(days?|last)$/i.test(word))
  if (odd !== undefined) return problem(`"${cut(odd)}" is no number of days.`, '/ops metrics 30')
  return {
    kind: 'incident query',
    query: { name: 'metrics', days: Math.min(730, Math.max(1, Number.parseInt(said ?? '30', 10))) },
  }
}
