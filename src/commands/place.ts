import { nearest } from '../releases/nearest.js'
import type { Known } from './command.js'

/** What words in any order say about where: names found, and the words left over. */
export type Spoken = { service: string | null; environment: string | null; rest: string[] }

export type Problem = { kind: 'problem'; text: string; example: string }

// "/deploy v1.8.0 to prod" says the same as "/deploy prod v1.8.0".
const fillers = ['to', 'in', 'on', 'at', 'of', 'back']

/** Finds services and environments among the words, whatever their order and capitals (phones begin with one). */
export function spokenPlace(words: string[], known: Known): Spoken {
  const spoken: Spoken = { service: null, environment: null, rest: [] }
  for (const word of words) {
    const name = word.toLowerCase()
    if (spoken.environment === null && known.environments.includes(name)) spoken.environment = name
    else if (spoken.service === null && known.services.includes(name)) spoken.service = name
    else if (!fillers.includes(name)) spoken.rest.push(word)
  }
  return spoken
}

/** The place fully named; `null` when a person has to choose; a problem when the names do not go together. */
export function settledPlace(
  spoken: Spoken,
  known: Known,
  example: string,
): { service: string; environment: string } | Problem | null {
  const environment = spoken.environment ?? onlyEnvironment(spoken.service, known)
  if (environment === null) return null
  const service = spoken.service ?? known.usual(environment)
  if (service === null) return null
  if (known.placed(environment).includes(service)) return { service, environment }
  const elsewhere = known.environments.filter((name) => known.placed(name).includes(service))
  return problem(`${service} does not run in ${environment}. It runs in: ${elsewhere.join(', ') || 'none'}.`, example)
}

/** A word that names nothing: one line with the name that was probably meant. */
export function unknownName(word: string, spoken: Spoken, known: Known, example: string): Problem {
  const names = [
    ...(spoken.environment === null ? known.environments : []),
    ...(spoken.service === null ? known.services : []),
  ]
  const what = spoken.environment === null ? 'service or environment' : 'service'
  const meant = nearest(word, names)
  const hint = meant ? `Did you mean ${meant}?` : `There are: ${names.join(', ') || 'none'}.`
  return problem(`There is no ${what} "${cut(word)}". ${hint}`, example)
}

/** Whether a word that is no known name is more likely a slip than a version. */
export function isSlip(word: string, spoken: Spoken, known: Known): boolean {
  if (spoken.environment !== null && spoken.service !== null) return false
  if (/\d/.test(word)) return false
  const open = [
    ...(spoken.environment === null ? known.environments : []),
    ...(spoken.service === null ? known.services : []),
  ]
  return spoken.environment === null || nearest(word, open) !== null
}

export const problem = (text: string, example: string): Problem => ({ kind: 'problem', text, example })

export const isProblem = (value: object): value is Problem => 'kind' in value && value.kind === 'problem'

/** What is known already, as a form's fields. */
export function knownFields(spoken: Spoken, more: { [field: string]: string | undefined } = {}) {
  const fields = { environment: spoken.environment ?? undefined, service: spoken.service ?? undefined, ...more }
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

export const cut = (word: string) => (word.length > 40 ? `${word.slice(0, 39)}…` : word)

function onlyEnvironment(service: string | null, known: Known): string | null {
  const possible = known.environments.filter((name) =>
    service === null ? known.placed(name).length > 0 : known.placed(name).includes(service),
  )
  return possible.length === 1 ? (possible[0] ?? null) : null
}
