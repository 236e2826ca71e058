import type { FoundGuide } from '../../commands/reply.js'
import type { GuideHistory } from '../../incidents/drills/rehearsals.js'
import { pointsOf } from '../../incidents/drills/telling.js'
import { fixStanding } from '../../incidents/fixes.js'
import { type IncidentRecord, type IncidentView, isDrill, nameOf } from '../../incidents/incident.js'
import type { TimelineEntry } from '../../incidents/timeline.js'
import { shownDuration } from '../../releases/durations.js'
import type { RunView, StepRecord } from '../../runs/run.js'
import { plain, plainLines } from './plain.js'
import { signOfOutcome, signOfStep } from './signs.js'

/** An incident as its card shows it. */
export function incidentLines(
  { incident, suspects, tasks, updates, gate, alerts }: IncidentView,
  guide: RunView | null,
  now: Date,
): string[] {
  const drafts = updates.filter(({ publishedAt }) => publishedAt === null)
  return [
    incidentLine(incident, now),
    ...(incident.impact ? [`Impact: ${plain(incident.impact.text, 200)}`] : []),
    ...(incident.proposal ? [`Proposed: ${incident.proposal.severity} (${plain(incident.proposal.why, 120)})`] : []),
    `Roles: ${incident.roles.map(({ role, person }) => `${plain(role)} ${person ? plain(person.name) : 'nobody'}`).join(', ')}`,
    ...(alerts.all > 0 ? [`Alerts: ${alerts.firing} of ${alerts.all} fire`] : []),
    ...listed(
      'Suspects',
      suspects.map(({ text, evidence }) => `${plain(text, 160)}${evidence[0] ? ` (${plain(evidence[0], 120)})` : ''}`),
    ),
    ...(guide ? guideLines(guide) : []),
    ...listed(
      'Gate',
      gate.map(({ outcome, text }) => `${signOfOutcome(outcome)} ${outcome} · ${plain(text, 160)}`),
    ),
    ...listed(
      'Tasks',
      tasks.map(
        ({ id, kind, text, owner, doneAt, fix }) =>
          `${id} ${doneAt ? 'done' : kind}: ${plain(fix ? fixStanding({ text, fix, doneAt }) : text, 160)}${owner ? ` (${plain(owner.name)})` : ''}`,
      ),
    ),
    ...listed(
      'Drafts',
      drafts.map(({ id, phase, text }) => `${id} ${phase}: ${plain(text, 160)}`),
    ),
    ...incident.room.troubles.flatMap(({ text, next }) => [plain(text, 200), `    ${plain(next, 200)}`]),
  ]
}

const listed = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)]

/** "INC-31 SEV2 open 7 min: the checkout is slow (storefront prod)". */
export function incidentLine(
  { id, severity, state, source, title, service, environment, declaredAt, resolvedAt }: IncidentRecord,
  now: Date,
): string {
  const lasted = shownDuration(Math.max(1_000, (resolvedAt ?? now).getTime() - declaredAt.getTime()))
  const place = [service, environment].filter(Boolean).join(' ')
  const mark = isDrill({ source }) ? 'DRILL ' : ''
  return `${nameOf(id)} ${mark}${severity} ${state} ${lasted}: ${plain(title, 200)}${place ? ` (${place})` : ''}`
}

export function timelineLines(incident: IncidentRecord, entries: TimelineEntry[], now: Date): string[] {
  const lines = entries.map(
    ({ at, by, text }) =>
      `${at.toISOString().slice(0, 19).replace('T', ' ')}Z ${by ? `${plain(by.name)}: ` : ''}${plain(text, 300)}`,
  )
  return [incidentLine(incident, now), ...lines]
}

function guideLines({ run, steps }: RunView): string[] {
  const title = run.plan?.headline.notes[0] ?? String(run.intent.input.guide)
  const over = steps.filter(({ endedAt }) => endedAt !== null).length
  return [`Guide "${plain(title)}" (#${run.id}): ${over} of ${steps.length} steps`, ...steps.flatMap(stepLines)]
}

function stepLines({ step, state, evidence, taken, key }: StepRecord): string[] {
  if (state === 'pending') return []
  const found = evidence ? ` · ${plain(evidence.summary, 160)}` : ''
  const who = taken ? ` (${plain(taken.by.name)} is at it)` : ''
  const line = `  ${signOfStep(state)} ${plain(step.title, 120)} · ${state}${found}${who}`
  if (step.verb !== 'ask' || state !== 'waiting') return [line]
  return [line, `      ${step.answers.map(({ value, label }) => `${value}: ${plain(label)}`).join(', ')} (step ${key})`]
}

export function guideListLines(intro: string, found: FoundGuide[], now: Date): string[] {
  return [
    ...plainLines(intro),
    ...found.flatMap(({ name, title, summary, steps, why, history }) => [
      `${name} · ${plain(title)} · ${steps} steps · ${historyWords(history, now)}`,
      `    ${plain(why || summary, 200)}`,
    ]),
  ]
}

/** "rehearsed 3 days ago, 3 of 4 points (INC-31)". */
export function historyWords({ drill, followed }: GuideHistory, now: Date): string {
  const ago = (at: Date) => `${shownDuration(Math.max(1_000, now.getTime() - at.getTime()))} ago`
  const used = followed ? `, followed to its end ${ago(followed)}` : ''
  if (!drill) return `never rehearsed${used}`
  return `rehearsed ${ago(drill.at)}, ${pointsOf(drill)} (${nameOf(drill.incident)})${used}`
}

export const drillLines = (guides: Pick<FoundGuide, 'name' | 'title' | 'history'>[], now: Date): string[] =>
  guides.length === 0
    ? ['There are no guides.']
    : guides.map(({ name, title, history }) => `${name} · ${plain(title)} · ${historyWords(history, now)}`)
