import { breakingGlass } from '../../releases/approvals.js'
import { shownDuration } from '../../releases/durations.js'
import { type AnswerRecord, hasEnded, type Intent, isOfDrill, type RunRecord } from '../../runs/run.js'

/** What an intent is about: "storefront v1.8.0 → prod". `taken`: the kind of backup that its plan takes. */
export function subjectOf({ job, service, environment, input }: Intent, taken: string | null = null): string {
  const version = typeof input.version === 'string' ? input.version : null
  // Until it is planned only a full one is certain: others need one to build on.
  const kind = taken ?? (input.kind === 'full' ? 'full' : null)
  if (typeof input.database === 'string') return databaseWords(job, input.database, kind)
  if (job === 'scale') return `${service} in ${environment} → ${counted(Number(input.instances), 'instance')}`
  if (job === 'operate') return `${String(input.title ?? input.action)} in ${service} ${environment}`
  if (job === 'guide') return `guide ${String(input.guide)}`
  if (job === breakingGlass) return `glass broken for ${service} in ${environment}`
  if (job === 'rollback') return `${service} back to ${version ?? 'the release before'} in ${environment}`
  return `${service} ${version ?? '(the newest release)'} → ${environment}`
}

/** "a full backup of shop", "a restore drill of shop". */
function databaseWords(job: string, database: string, kind: string | null): string {
  if (job === 'restore') return `a restore of ${database}`
  if (job === 'tables') return `bringing rows of ${database} back`
  if (job === 'take-back') return `taking back a restore of ${database}`
  if (job === 'drill') return `a restore drill of ${database}`
  if (job === 'verify') return `reading back the backups of ${database}`
  return `${kind === 'incremental' ? 'an' : 'a'} ${kind ? `${kind} ` : ''}${job} of ${database}`
}

/** A run's subject with its number and, once planned, the version it really brings. */
export function titleOf({ id, intent, plan }: RunRecord): string {
  const version = plan?.headline.to
  const named = version && intent.job !== 'scale' ? { ...intent, input: { ...intent.input, version } } : intent
  const kind = plan?.pinned.kind
  return `#${id} (${isOfDrill({ intent }) ? 'DRILL, ' : ''}${subjectOf(named, typeof kind === 'string' ? kind : null)})`
}

/** What answers were given, newest first: "Marco approved 12 s ago". */
export function shownAnswers(answers: AnswerRecord[], now: Date): string {
  return [...answers]
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, 3)
    .map(
      (answer) => `${answer.person.name} ${deeds[answer.answer] ?? `chose "${answer.answer}"`} ${ago(answer.at, now)}`,
    )
    .join(', ')
}

/** "is running", "has ended: undone". */
export function standsAt({ state }: RunRecord): string {
  return hasEnded(state) ? `has ended: ${state}` : `is ${state}`
}

export const ago = (at: Date, now: Date) => `${shownDuration(Math.max(1000, now.getTime() - at.getTime()))} ago`

export const counted = (count: number, thing: string) => `${count} ${count === 1 ? thing : `${thing}s`}`

const deeds: { [answer: string]: string } = { approve: 'approved', reject: 'rejected it' }
