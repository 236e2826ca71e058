import type { AlertRecord } from '../alert.js'
import { type IncidentId, nameOf, type Suspect } from '../incident.js'

/** A resolved incident as far as the next one can learn from it. */
export type SolvedIncident = {
  incident: IncidentId
  title: string
  service: string | null
  environment: string | null
  resolvedAt: Date
  /** Of its alerts, `source/fingerprint`. */
  fingerprints: string[]
  /** Titles of its alerts. */
  alerts: string[]
  suspects: Pick<Suspect, 'kind' | 'key'>[]
  /** The guide that was followed to its end, by name. */
  guide: string | null
  /** What was done and ended well, such as "rollback of storefront". */
  recovery: string | null
  /** The release, or what else a person named, that ended it: it was not seen for a day after it went live. */
  fix: string | null
  /** A sentence that a person noted as the decision last, or with which it was resolved. */
  decision: string | null
}

/** What is wrong now. */
export type Symptoms = {
  incident: IncidentId | null
  service: string | null
  environment: string | null
  title: string
  alerts: Pick<AlertRecord, 'source' | 'fingerprint' | 'title'>[]
}

/** "Seen 3 times, solved with …". */
export type KnownError = {
  text: string
  seen: IncidentId[]
  guide: string | null
  solution: string | null
  /** 0 to 1: how sure it is that it is the same. */
  score: number
  why: string
}

export type SolvedRows = { solved(service: string | null, since: Date, limit: number): Promise<SolvedIncident[]> }

/** Sure enough to be shown. */
const enough = 0.5

/** What was seen before, most likely first; one for each way in which it was solved. */
export function knownErrors(symptoms: Symptoms, solved: readonly SolvedIncident[]): KnownError[] {
  const alike = solved
    .filter(({ incident }) => incident !== symptoms.incident)
    .map((one) => ({ one, ...likeness(symptoms, one) }))
    .filter(({ score }) => score >= enough)
  const groups = new Map<string, typeof alike>()
  for (const match of alike) {
    const solution = solutionOf(match.one) ?? ''
    groups.set(solution, [...(groups.get(solution) ?? []), match])
  }
  return [...groups.entries()]
    .map(([solution, matches]) => knownError(solution === '' ? null : solution, matches))
    .sort((a, b) => b.score - a.score || b.seen.length - a.seen.length)
}

/** Those that are over and were called that, themselves or an alert of theirs, newest first: every word has to be there. */
export function searchSolved(words: string, solved: readonly SolvedIncident[]): SolvedIncident[] {
  const wanted = [...wordsOf(words)]
  if (wanted.length === 0) return []
  return solved.filter(({ title, service, alerts }) => {
    const said = wordsOf([title, service ?? '', ...alerts].join(' '))
    return wanted.every((word) => [...said].some((other) => other.startsWith(word)))
  })
}

/** "INC-12 Checkout is slow: solved with the guide slow-application." */
export const toldAsSolved = (one: SolvedIncident): string =>
  `${nameOf(one.incident)} ${one.title}: ${how(solutionOf(one), one)}`

type Match = { one: SolvedIncident; score: number; why: string }

function knownError(solution: string | null, matches: Match[]): KnownError {
  const newest = [...matches].sort((a, b) => b.one.resolvedAt.getTime() - a.one.resolvedAt.getTime())
  const [best] = [...newest].sort((a, b) => b.score - a.score)
  const last = newest[0] ? nameOf(newest[0].one.incident) : ''
  const times = matches.length === 1 ? `once, in ${last}` : `${matches.length} times, last in ${last}`
  return {
    text: `Seen ${times}; ${how(solution, newest[0]?.one)}`,
    seen: newest.map(({ one }) => one.incident),
    guide: newest.find(({ one }) => one.guide !== null)?.one.guide ?? null,
    ...{ solution, score: best?.score ?? 0, why: best?.why ?? '' },
  }
}

/** What was done is told as done; what people only wrote, as their words. */
function how(solution: string | null, last: SolvedIncident | undefined): string {
  if (solution === null) return 'how it was solved was not noted.'
  return solution === last?.decision ? `decided then: ${solution.replace(/[.!?…]*$/, '.')}` : `solved with ${solution}.`
}

function solutionOf({ guide, recovery, fix, decision }: SolvedIncident): string | null {
  const done = [guide ? `the guide ${guide}` : null, recovery, fix].filter((part) => part !== null)
  const last = done.at(-1)
  if (last === undefined) return decision
  return done.length === 1 ? last : `${done.slice(0, -1).join(', ')} and ${last}`
}

/** The same fingerprint says it; the same alert at the same service nearly; words alone only when most are the same. */
function likeness(symptoms: Symptoms, one: SolvedIncident): { score: number; why: string } {
  const here = symptoms.service !== null && symptoms.service === one.service
  const marks = symptoms.alerts.map(({ source, fingerprint }) => `${source}/${fingerprint}`)
  if (marks.some((mark) => one.fingerprints.includes(mark))) return { score: 1, why: 'the same alert' }
  const named = symptoms.alerts.find(({ title }) => one.alerts.includes(title))
  if (named) return { score: here ? 0.8 : 0.5, why: `an alert of the same name${here ? ' for the same service' : ''}` }
  const shared = overlap(wordsOf(symptoms.title), wordsOf(one.title))
  return { score: here && shared >= 0.6 ? 0.5 + shared / 5 : 0, why: 'the same words for the same service' }
}

const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [])

function overlap(a: Set<string>, b: Set<string>): number {
  const all = new Set([...a, ...b]).size
  return all === 0 ? 0 : [...a].filter((word) => b.has(word)).length / all
}
