import { breakingGlass } from '../releases/approvals.js'
import { readUntil } from '../releases/until.js'
import type { Known, Parsed } from './command.js'
import { leadingPlace, placeOf, reasonOf } from './ops-lock.js'
import { problem } from './place.js'

const example = '/ops break-glass prod for 1h because payments are down and nobody answers'

/** Where, perhaps for how long, and why. A length of time and no hour: it ends soon, in whatever zone. */
export function parseBreakGlass(words: string[], known: Known): Parsed {
  const { place, rest } = leadingPlace(words, known)
  const where = placeOf(place, rest, known, example)
  if ('kind' in where) return where
  const read = readUntil(rest)
  if ('problem' in read) return problem(read.problem, example)
  if (read.until && !('afterMs' in read.until))
    return problem('Say for how long, such as "for 1h", and not until when.', example)
  const reason = reasonOf(read.rest)
  if (reason === '') return problem('Say why: everybody is told, and it is reviewed.', example)
  const service = where.service ?? known.usual(where.environment)
  if (service === null)
    return problem(`Say which service: ${known.placed(where.environment).join(' or ') || 'none runs there'}.`, example)
  const input = { reason, ...(read.until && { for: read.until.afterMs }) }
  return { kind: 'intent', intent: { job: breakingGlass, service, environment: where.environment, input } }
}
