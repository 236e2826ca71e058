import { parseDuration } from '../releases/durations.js'
import type { Known, Parsed } from './command.js'
import { problem, spokenPlace, unknownName } from './place.js'

const example = '/ops lock prod for 2h exam week'
const longest = 30 * 86_400_000

/**
 * Where comes first, then perhaps for how long, then the reason in free words: a reason may name a service without
 * being about it, so only the words before it are looked at.
 */
export function parseLock(words: string[], known: Known): Parsed {
  const { place, rest } = leadingPlace(words, known)
  const spoken = spokenPlace(place, known)
  if (spoken.environment === null) {
    const [odd] = rest
    if (odd !== undefined) return unknownName(odd, spoken, known, example)
    return problem(`Say where and why: ${known.environments.join(' or ')}.`, example)
  }
  if (spoken.service !== null && !known.placed(spoken.environment).includes(spoken.service))
    return problem(`${spoken.service} does not run in ${spoken.environment}.`, example)
  const { forMs, reason } = lasting(rest)
  if (forMs !== null && (forMs === 0 || forMs > longest)) return problem('A lock lasts 1s to 30d.', example)
  if (reason === '') return problem('Say why, so that whoever is stopped knows.', example)
  const { environment, service } = spoken
  return { kind: 'act', act: { name: 'lock', environment, ...(service ? { service } : {}), reason, forMs } }
}

export function parseUnlock(words: string[], known: Known): Parsed {
  const spoken = spokenPlace(words, known)
  const [odd] = spoken.rest
  if (odd !== undefined) return unknownName(odd, spoken, known, '/ops unlock prod')
  if (spoken.environment === null) return problem(`Say where: ${known.environments.join(' or ')}.`, '/ops unlock prod')
  const { environment, service } = spoken
  return { kind: 'act', act: { name: 'unlock', environment, ...(service ? { service } : {}) } }
}

function leadingPlace(words: string[], known: Known): { place: string[]; rest: string[] } {
  const isName = (word: string) =>
    known.environments.includes(word.toLowerCase()) || known.services.includes(word.toLowerCase())
  const end = words.findIndex((word) => !isName(word))
  const at = Math.min(end < 0 ? words.length : end, 2)
  return { place: words.slice(0, at), rest: words.slice(at) }
}

function lasting(rest: string[]): { forMs: number | null; reason: string } {
  const words = /^for$/i.test(rest[0] ?? '') ? rest.slice(1) : rest
  const forMs = parseDuration(words[0] ?? '')
  const reason = forMs === null ? rest : words.slice(1)
  return { forMs, reason: reason.join(' ').trim().slice(0, 300) }
}
