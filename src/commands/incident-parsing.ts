import { type Severity, severities } from '../incidents/incident.js'
import type { Known, Parsed } from './command.js'
import type { IncidentAct } from './incident-words.js'
import { cut, problem, spokenPlace } from './place.js'

type Parse = (words: string[], known: Known) => Parsed

/** What is wrong, in a person's own words; places and a severity among them are understood. */
export function parseDeclare(words: string[], known: Known): Parsed {
  const severity = words.map(severityOf).find((one) => one !== null) ?? null
  const closed = words[0]?.toLowerCase() === 'private' || words[1]?.toLowerCase() === 'private'
  const said = words.filter((word, at) => !(at < 2 && (severityOf(word) !== null || word.toLowerCase() === 'private')))
  const { service, environment } = spokenPlace(said, known)
  const title = withoutPlace(said, [service, environment]).join(' ').trim()
  const known_ = {
    ...(service ? { service } : {}),
    ...(environment ? { environment } : {}),
    ...(severity ? { severity } : {}),
  }
  if (!said.some((word) => word.toLowerCase() !== service && word.toLowerCase() !== environment))
    return { kind: 'form', form: 'incident', known: known_ }
  return act({ name: 'declare', title, ...known_, ...(closed ? { private: true } : {}) })
}

/** "prod the checkout is slow" is about prod and says that the checkout is slow. */
function withoutPlace(said: string[], names: (string | null)[]): string[] {
  const begins = said.findIndex((word) => !names.includes(word.toLowerCase()) && !/^(in|on|at)$/i.test(word))
  return begins < 0 ? said : said.slice(begins)
}

export const act = (wanted: IncidentAct): Parsed => ({ kind: 'incident act', act: wanted })

type Meant = { incident?: number }

/** The incident that the first word names, and what follows it. */
function named(words: string[]): { meant: Meant; rest: string[] } {
  const [first = '', ...rest] = words
  const number = /^(?:INC-|#)(\d{1,9})$/i.exec(first)?.[1]
  return number === undefined ? { meant: {}, rest: words } : { meant: { incident: Number(number) }, rest }
}

/** As `named`, where what follows is never a sentence: then a bare number before it is the incident's as well. */
function numbered(words: string[]): { meant: Meant; rest: string[] } {
  const [first = '', second] = words
  return named(second !== undefined && /^\d{1,9}$/.test(first) ? [`#${first}`, ...words.slice(1)] : words)
}

/** A word about an incident as a whole: its number may be bare. */
export function about(parsed: (meant: Meant) => Parsed): Parse {
  return ([first = '']) => {
    const number = /^(?:INC-|#)?(\d{1,9})$/i.exec(first)?.[1]
    if (first !== '' && number === undefined)
      return problem(`"${cut(first)}" is no incident; they have numbers.`, '/incident list')
    return parsed(number === undefined ? {} : { incident: Number(number) })
  }
}

export function saying(name: string, parsed: (meant: Meant, text: string) => IncidentAct, mayBeSilent = false): Parse {
  return (words) => {
    const { meant, rest } = named(words)
    const text = rest.join(' ').trim()
    if (text === '' && !mayBeSilent)
      return problem(`Say what: /incident ${name} is followed by a sentence.`, `/incident ${name} …`)
    return act(parsed(meant, text))
  }
}

export const withoutBecause = (text: string) => text.replace(/^because\s+/i, '')

const severityOf = (word: string): Severity | null => {
  const digit = /^sev-?([1-4])$/i.exec(word)?.[1]
  return severities.find((severity) => severity === `SEV${digit}`) ?? null
}

export function parseSeverity(words: string[]): Parsed {
  // A bare 2 alone is SEV2.
  const { meant, rest } = numbered(words)
  const severity = severityOf(rest[0] ?? '') ?? severityOf(`sev${rest[0] ?? ''}`)
  if (severity && rest.length === 1) return act({ name: 'severity', severity, ...meant })
  return problem('Say how bad it is: SEV1 (worst), SEV2, SEV3 or SEV4.', '/incident severity SEV2')
}

export function parseRole(words: string[]): Parsed {
  const { meant, rest } = numbered(words)
  const [role, whose, extra] = rest
  if (role === undefined || extra !== undefined)
    return problem('Say which role, and whose it is to be if not yours.', '/incident role commander @rita')
  if (whose === undefined) return act({ name: 'role', role: role.toLowerCase(), ...meant })
  if (/^(nobody|none)$/i.test(whose)) return act({ name: 'role', role: role.toLowerCase(), to: null, ...meant })
  const to = personIn(whose)
  if (to) return act({ name: 'role', role: role.toLowerCase(), to, ...meant })
  return problem(`Name a person by a mention or a member id, not "${cut(whose)}".`, '/incident role commander @rita')
}

const personIn = (word: string) => /^(?:<@)?([UW][A-Z0-9]{2,})(?:\|[^>]*)?>?$/.exec(word)?.[1] ?? null

export function parseTask(name: 'task' | 'follow-up'): Parse {
  return (words) => {
    const { meant, rest } = named(words)
    const owner = rest.map(personIn).find((person) => person !== null)
    const text = rest
      .filter((word) => personIn(word) === null)
      .join(' ')
      .trim()
    if (text === '') return problem('Say what is to be done.', `/incident ${name} ask the bank @marco`)
    return act({ name, text, ...(owner ? { owner } : {}), ...meant })
  }
}

/** "fix v1.8.2", "fixed in v1.8.2", "fix 31 by #412": one word alone is the fix, also where it is a number with #. */
export function parseFix(words: string[]): Parsed {
  const owner = words.map(personIn).find((person) => person !== null)
  const said = words.filter((word) => personIn(word) === null && !/^(in|by|with|is|fixed)$/i.test(word))
  const { meant, rest } = said.length > 1 ? numbered(said) : { meant: {}, rest: said }
  const [what, odd] = rest
  if (what === undefined || odd !== undefined)
    return problem('Say what ends it: a version, a change or a commit.', '/incident fix v1.8.2')
  return act({ name: 'fix', what, ...(owner ? { owner } : {}), ...meant })
}

export function parseDone(words: string[]): Parsed {
  const { meant, rest } = numbered(words)
  const task = /^#?(\d{1,9})$/.exec(rest[0] ?? '')?.[1]
  if (task && rest.length === 1) return act({ name: 'tick', task: Number(task), ...meant })
  return problem('Say which task, by its number on the card.', '/incident done 4')
}

const phases = ['investigating', 'identified', 'monitoring', 'resolved'] as const

export function parseUpdate(words: string[]): Parsed {
  const { meant, rest } = named(words)
  const phase = phases.find((one) => one === rest[0]?.toLowerCase().replace(/:$/, ''))
  const text = (phase ? rest.slice(1) : rest).join(' ').trim()
  const known: { [field: string]: string } = { ...(phase && { phase }) }
  if (meant.incident !== undefined) known.incident = String(meant.incident)
  if (text === '') return { kind: 'form', form: 'update', known }
  const audience: ('stakeholders' | 'status page')[] = ['stakeholders', 'status page']
  return act({ name: 'draft', text, phase: phase ?? 'investigating', audience, ...meant })
}

export function parsePublish(words: string[]): Parsed {
  const { meant, rest } = numbered(words)
  const update = /^#?(\d{1,9})$/.exec(rest[0] ?? '')?.[1]
  if (update && rest.length === 1) return act({ name: 'publish', update: Number(update), ...meant })
  return problem('Say which draft, by its number.', '/incident publish 2')
}

export function parseGuide(words: string[]): Parsed {
  const { meant, rest } = numbered(words)
  if (rest.length === 0) return { kind: 'incident query', query: { name: 'guides', words: '' } }
  return act({ name: 'guide', guide: rest.join('-').toLowerCase(), ...meant })
}

export function parseRollback(words: string[]): Parsed {
  const numbers = words.map((word) => /^(?:#|INC-)?(\d{1,9})$/i.exec(word)?.[1])
  const [first, second] = numbers
  if (numbers.some((number) => number === undefined) || first === undefined)
    return problem('Say which deploy, by its run’s number.', '/incident rollback 482')
  if (second === undefined) return act({ name: 'roll back', run: Number(first) })
  return act({ name: 'roll back', incident: Number(first), run: Number(second) })
}

export function parsePage(words: string[]): Parsed {
  const { meant, rest } = numbered(words)
  const [whom] = rest
  if (whom === undefined) return act({ name: 'page', ...meant })
  const person = personIn(whom)
  if (person) return act({ name: 'page', whom: person, ...meant })
  return problem(`Name a person by a mention or a member id, not "${cut(whom)}".`, '/incident page @rita')
}

export function parseSuspect(words: string[]): Parsed {
  const { meant, rest } = named(words)
  const place = /^(\d{1,3})$/.exec(rest[0] ?? '')?.[1]
  const verdict = { confirmed: 'confirmed', cleared: 'cleared' }[rest[1]?.toLowerCase() ?? '']
  if (place && rest.length === 2 && (verdict === 'confirmed' || verdict === 'cleared'))
    return act({ name: 'settle', suspect: Number(place), verdict, ...meant })
  return problem(
    'Say which suspect, by its number on the card, and whether it was the cause: confirmed, or cleared.',
    '/incident suspect 1 confirmed',
  )
}

export function parseDuplicate(words: string[]): Parsed {
  const numbers = words.map((word) => /^(?:#|INC-)?(\d{1,9})$/i.exec(word)?.[1])
  const [first, second] = numbers
  if (numbers.length === 0 || numbers.some((number) => number === undefined))
    return problem('Say of which incident it is a duplicate.', '/incident duplicate 31')
  if (second === undefined) return act({ name: 'duplicate', of: Number(first) })
  return act({ name: 'duplicate', incident: Number(first), of: Number(second) })
}
