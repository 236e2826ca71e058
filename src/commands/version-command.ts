import type { Known, Parsed } from './command.js'
import { cut, isProblem, isSlip, knownFields, problem, settledPlace, spokenPlace, unknownName } from './place.js'

const newest = ['latest', 'newest', 'last', 'previous', 'before']

/** Words of a command that takes a place and perhaps a version, in any order. */
export function versionCommand(job: 'deploy' | 'rollback', example: string, words: string[], known: Known): Parsed {
  const spoken = spokenPlace(words, known)
  const named = spoken.rest.filter((word) => !newest.includes(word.toLowerCase()))
  const slip = named.find((word) => isSlip(word, spoken, known))
  if (slip !== undefined) return unknownName(slip, spoken, known, example)
  const [version, extra] = named
  if (extra !== undefined)
    return problem(`I read "${cut(version ?? '')}" as the version and do not know what "${cut(extra)}" is.`, example)
  if (version !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/.test(version))
    return problem(`"${cut(version)}" cannot be a version: those are letters, digits and . _ + -`, example)
  const place = settledPlace(spoken, known, example)
  if (place === null) return { kind: 'form', form: job, known: knownFields(spoken, { version }) }
  if (isProblem(place)) return place
  return { kind: 'intent', intent: { job, ...place, input: version === undefined ? {} : { version } } }
}
