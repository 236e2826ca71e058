import { readUntil } from '../releases/until.js'
import type { Known, Parsed } from './command.js'
import { cut, type Problem, problem, spokenPlace, unknownName } from './place.js'

const examples = {
  lock: '/ops lock prod for 2h because exam week',
  unlock: '/ops unlock prod',
  handOver: '/ops lock prod hand-over @rita',
}

/** The longest reason that is kept; people say more in the channel. */
const longestReason = 300

/**
 * Where comes first, then perhaps until when, then the reason in free words: a reason may name a service without being
 * about it, so only the words before it are looked at. `hand-over @person` in their place gives the lock away.
 */
export function parseLock(words: string[], known: Known): Parsed {
  const { place, rest } = leadingPlace(words, known)
  const where = placeOf(place, rest, known, examples.lock)
  if ('kind' in where) return where
  if (isHandOver(rest)) return handedTo(where, rest)
  const read = readUntil(rest)
  if ('problem' in read) return problem(read.problem, examples.lock)
  const reason = reasonOf(read.rest)
  if (reason === '') return problem('Say why, so that whoever is stopped knows.', examples.lock)
  return { kind: 'act', act: { name: 'lock', ...where, reason, until: read.until } }
}

/** Words after the place are why: needed to end somebody else's lock. */
export function parseUnlock(words: string[], known: Known): Parsed {
  const { place, rest } = leadingPlace(words, known)
  const where = placeOf(place, rest, known, examples.unlock)
  if ('kind' in where) return where
  const [odd] = rest
  if (odd !== undefined && !/^(because|as|since)$/i.test(odd) && rest.length === 1)
    return unknownName(odd, spokenPlace(place, known), known, examples.unlock)
  return { kind: 'act', act: { name: 'unlock', ...where, reason: reasonOf(rest) } }
}

/** `/ops hand-over prod @rita` says the same as `/ops lock prod hand-over @rita`. */
export function parseHandOver(words: string[], known: Known): Parsed {
  const { place, rest } = leadingPlace(words, known)
  const where = placeOf(place, rest, known, examples.handOver)
  return 'kind' in where ? where : handedTo(where, ['hand-over', ...rest])
}

export function parseLocks(words: string[], known: Known): Parsed {
  const spoken = spokenPlace(words, known)
  const [odd] = spoken.rest
  if (odd !== undefined) return unknownName(odd, spoken, known, '/ops locks prod')
  const { environment } = spoken
  return { kind: 'query', query: { name: 'locks', ...(environment ? { environment } : {}) } }
}

export function parseQueue(words: string[], known: Known): Parsed {
  const spoken = spokenPlace(words, known)
  const [odd] = spoken.rest
  if (odd !== undefined) return unknownName(odd, spoken, known, '/ops queue prod')
  const { environment, service } = spoken
  return {
    kind: 'query',
    query: { name: 'queue', ...(environment ? { environment } : {}), ...(service ? { service } : {}) },
  }
}

export function parseCancel(words: string[]): Parsed {
  const [first = '', ...rest] = words
  const run = /^#?(\d{1,9})$/.exec(first)?.[1]
  if (run === undefined)
    return problem(
      first === '' ? 'Say which run, by its number.' : `"${cut(first)}" is not the number of a run.`,
      '/ops cancel 482 because the tests are red',
    )
  return { kind: 'act', act: { name: 'cancel', run: Number(run), reason: reasonOf(rest) } }
}

type Where = { environment: string; service?: string }

export function placeOf(place: string[], rest: string[], known: Known, example: string): Where | Problem {
  const spoken = spokenPlace(place, known)
  const { environment, service } = spoken
  if (environment === null) {
    const [odd] = rest
    if (odd !== undefined) return unknownName(odd, spoken, known, example)
    return problem(`Say where: ${known.environments.join(' or ')}.`, example)
  }
  if (service !== null && !known.placed(environment).includes(service))
    return problem(`${service} does not run in ${environment}.`, example)
  return { environment, ...(service ? { service } : {}) }
}

/** Words that name a place, at most two, and what follows them. */
export function leadingPlace(words: string[], known: Known): { place: string[]; rest: string[] } {
  const isName = (word: string) =>
    known.environments.includes(word.toLowerCase()) || known.services.includes(word.toLowerCase())
  const end = words.findIndex((word) => !isName(word))
  const at = Math.min(end < 0 ? words.length : end, 2)
  return { place: words.slice(0, at), rest: words.slice(at) }
}

const isHandOver = ([first = '', second = '']: string[]) =>
  /^hand-?over$/i.test(first) || (/^hand$/i.test(first) && /^over$/i.test(second))

/** Only an id names a person: Slack makes one of a name that is picked from its list. */
function handedTo(where: Where, words: string[]): Parsed {
  const [person, odd] = words.slice(/^hand$/i.test(words[0] ?? '') ? 2 : 1).filter((word) => !/^to$/i.test(word))
  if (person === undefined) return problem('Say to whom.', examples.handOver)
  const id = /^<?@?([UW][A-Z0-9]{2,})>?$/.exec(person)?.[1]
  if (id === undefined)
    return problem(
      `"${cut(person)}" names no member. Pick the person from Slack's list, or give the member id.`,
      examples.handOver,
    )
  if (odd !== undefined)
    return problem(`One person holds a lock; I do not know what "${cut(odd)}" adds.`, examples.handOver)
  return { kind: 'act', act: { name: 'hand over', ...where, to: id } }
}

/** Without the word that leads to it, and cut to what is kept. */
export function reasonOf(words: string[]): string {
  const said = /^(because|as|since|:|-|–|—)$/i.test(words[0] ?? '') ? words.slice(1) : words
  return said.join(' ').trim().slice(0, longestReason)
}
