import type { RunView } from '../../runs/run.js'
import { changed, type Deciding, type Decision, denied } from '../deciding.js'
import type { IncidentView, Suspect } from '../incident.js'
import { inOrder, type TimelineEntry } from '../timeline.js'

export type Verdict = { verdict: 'confirmed' | 'cleared' | 'open'; why: string }

/** The key of the line in the timeline by which a person settles a suspect. */
export const verdictPrefix = 'verdict:'

/** A person says whether a suspect was the cause; the last word counts, for the review and the measures. */
export function settleSuspect({ view, by, now }: Deciding, key: string, verdict: 'confirmed' | 'cleared'): Decision {
  const suspect = view.suspects.find((one) => one.key === key)
  if (!suspect)
    return denied(
      'suspect-unknown',
      'Nothing was settled.',
      'There is no such suspect.',
      'Look at the card as it is now.',
    )
  const text = `${suspect.text} was ${verdict === 'confirmed' ? '' : 'not '}the cause.`
  return changed(text, {
    timeline: [
      {
        key: `${verdictPrefix}${key}:${view.incident.version}`,
        ...{ kind: 'decision', at: now, by, text, data: { suspect: key, verdict } },
      },
    ],
    audit: [{ actor: by, act: 'settled a suspect', subject: { suspect: key, verdict } }],
  })
}

/** The suspects as the card numbers them, likeliest first. */
export const inLikelihood = ({ suspects }: Pick<IncidentView, 'suspects'>): Suspect[] =>
  [...suspects].sort((a, b) => b.score - a.score)

/** The key of a suspect that is named by its number on the card; a key stays what it is. */
export const suspectMeant = (view: IncidentView, named: string | number): string =>
  typeof named === 'string' ? named : (inLikelihood(view)[named - 1]?.key ?? '')

/** Suspects of which a rollback was done in this incident, and of which nobody has said yet what they were. */
export function rolledBackUnsettled(
  view: IncidentView,
  timeline: readonly TimelineEntry[],
  runs: readonly RunView[],
): { suspect: Suspect; by: RunView }[] {
  const settled = new Set(timeline.filter(({ key }) => key.startsWith(verdictPrefix)).map(({ data }) => data.suspect))
  const recoveries = recoveriesOf(view, runs)
  return view.suspects.flatMap((suspect) => {
    const { key, run } = suspect
    const by = run === null || settled.has(key) ? undefined : recoveries.find((one) => rollsBack(one, run, runs))
    return by ? [{ suspect, by }] : []
  })
}

const recoveriesOf = ({ runs: parts }: IncidentView, runs: readonly RunView[]): RunView[] =>
  runs.filter(({ run }) => parts.some((part) => part.run === run.id && part.part === 'recovery'))

/** What each suspect turned out to be: by a person's word, else by a rollback of it after which the incident ended. */
export function verdictsOf(
  view: IncidentView,
  timeline: readonly TimelineEntry[],
  runs: readonly RunView[],
): Map<string, Verdict> {
  const { incident, suspects } = view
  const said = new Map<string, Verdict>()
  for (const { data, by } of inOrder(timeline.filter(({ key }) => key.startsWith(verdictPrefix)))) {
    const verdict = data.verdict === 'confirmed' ? 'confirmed' : 'cleared'
    if (typeof data.suspect === 'string') said.set(data.suspect, { verdict, why: `${by?.name ?? 'somebody'} said so` })
  }
  const recoveries = recoveriesOf(view, runs)
  const entries = suspects.map(({ key, run }): [string, Verdict] => {
    const word = said.get(key)
    if (word) return [key, word]
    const back = run === null ? undefined : recoveries.find((one) => rollsBack(one, run, runs))
    if (back && incident.resolvedAt && (back.run.endedAt ?? incident.resolvedAt) <= incident.resolvedAt)
      return [key, { verdict: 'confirmed', why: `#${back.run.id} rolled it back, and it was over` }]
    return [key, { verdict: 'open', why: 'nobody said so' }]
  })
  return new Map(entries)
}

/** A rollback that was done, of the version that this deploy brought, at the same place. */
function rollsBack({ run }: RunView, suspect: number, runs: readonly RunView[]): boolean {
  if (run.intent.job !== 'rollback' || run.state !== 'done') return false
  const deploy = runs.find((one) => one.run.id === suspect)?.run
  if (!deploy) return run.parent === suspect
  const { service, environment } = deploy.intent
  const samePlace = run.intent.service === service && run.intent.environment === environment
  const brought = deploy.plan?.pinned.version ?? null
  return samePlace && (run.parent === suspect || (brought !== null && run.plan?.pinned.replaces === brought))
}
