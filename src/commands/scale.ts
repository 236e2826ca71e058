import type { Command, Known, Parsed } from './command.js'
import { cut, isProblem, knownFields, problem, settledPlace, spokenPlace, unknownName } from './place.js'

const example = '/scale prod 3'

/** The number may stand anywhere; without it, or without a place, a form. */
export const scale: Command = {
  name: 'scale',
  summary: 'Run more or fewer instances',
  usages: [
    {
      usage: '/scale [service] <environment> <instances>',
      summary: 'Run more or fewer instances of what serves',
      example,
      right: 'scale',
    },
  ],
  parse: parseScale,
}

function parseScale(words: string[], known: Known): Parsed {
  const spoken = spokenPlace(words, known)
  const counts = spoken.rest.filter((word) => /^[x×]?\d{1,6}$/i.test(word))
  const named = spoken.rest.filter((word) => !counts.includes(word) && !/^instances?$/i.test(word))
  const [odd] = named
  if (odd !== undefined && /^[+-]?\d/.test(odd)) return problem(`"${cut(odd)}" is no number of instances.`, example)
  if (odd !== undefined) return unknownName(odd, spoken, known, example)
  if (counts.length > 1) return problem(`Which one: ${counts.slice(0, 4).join(' or ')}?`, example)
  const instances = counts[0]?.replace(/^[x×]/i, '')
  if (instances !== undefined && Number(instances) < 1)
    return problem('At least 1 instance must run; to take a service down is no scaling.', example)
  const place = settledPlace(spoken, known, example)
  if (place !== null && isProblem(place)) return place
  if (place === null || instances === undefined)
    return { kind: 'form', form: 'scale', known: { ...knownFields(spoken, { instances }), ...place } }
  return { kind: 'intent', intent: { job: 'scale', ...place, input: { instances: Number(instances) } } }
}
