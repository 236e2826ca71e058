import { wallClock } from '../../clock.js'
import { canonical } from '../../json.js'
import { shownDuration } from '../../releases/durations.js'
import type { RunView, StepRecord } from '../../runs/run.js'
import { isEnded, lets } from '../../runs/step.js'
import { type IncidentView, nameOf } from '../incident.js'
import { inline, listed } from './markdown.js'

export type RecoveryScene = { view: IncidentView; runs: readonly RunView[]; zone: string }

/** What was done to recover: what, who, when, for how long, and what proves it; with each guide's steps. */
export function recoveryOf({ view, runs, zone }: RecoveryScene): string {
  const parts = new Map(view.runs.map(({ run, part }) => [run, part]))
  const done = runs.filter(({ run }) => ['recovery', 'guide'].includes(parts.get(run.id) ?? ''))
  const all = [...done].sort((a, b) => a.run.id - b.run.id)
  return all.length === 0 ? 'No run was made for it.' : all.map((one) => runOf(one, zone)).join('\n\n')
}

/** The recovery record of an incident as a file of its own. */
export function recoveryRecordOf(scene: RecoveryScene): string {
  const { incident } = scene.view
  const over = incident.resolvedAt ? shownDuration(incident.resolvedAt.getTime() - incident.declaredAt.getTime()) : null
  const head = `# Recovery record of ${nameOf(incident.id)}: ${inline(incident.title)}`
  const ended = over ? `Over after ${over}.` : 'Not over yet.'
  return `${head}\n\n${incident.severity}. ${ended} Moments are in ${scene.zone}.\n\n${recoveryOf(scene)}\n`
}

function runOf({ run, steps, answers }: RunView, zone: string): string {
  const moment = (at: Date | null) => (at ? wallClock(at, zone).slice(11) : '')
  const took = run.endedAt ? `, ${shownDuration(run.endedAt.getTime() - run.createdAt.getTime())}` : ''
  const { job, service, environment, input } = run.intent
  const what = job === 'guide' && typeof input.guide === 'string' ? `guide ${inline(input.guide, 80)}` : inline(job, 40)
  const reason = run.reason ? ` ${inline(run.reason.text)}` : ''
  const head = `### #${run.id} ${what} · ${inline(`${service} in ${environment}`, 100)}\n\nAsked by ${inline(run.requestedBy.name, 80)} at ${moment(run.createdAt)}, ${run.state}${took}.${reason}`
  const lines = steps.filter(({ state }) => state !== 'pending').map((step) => stepOf(step, moment))
  const said = answers.map(
    ({ person, step, answer, reason: why, at }) =>
      `${moment(at)} ${inline(person.name, 80)} answered ${inline(answer, 60)} to ${inline(step, 80)}${why ? `: ${inline(why)}` : ''}`,
  )
  const compared = beforeAndAfter(steps)
  const helped = compared.length > 0 ? `\n\n${listed(compared, '')}` : ''
  return `${head}\n\n${listed(lines, 'No step was begun.')}${helped}${said.length > 0 ? `\n\n${listed(said, '')}` : ''}`
}

/** Checks that were made more than once, on the same thing: what was found first, and what was found last. */
function beforeAndAfter(steps: readonly StepRecord[]): string[] {
  const groups = new Map<string, StepRecord[]>()
  for (const record of steps) {
    if (record.step.verb !== 'check' || !record.evidence || !isEnded(record.state)) continue
    const looked = canonical([record.step.check, record.step.with])
    groups.set(looked, [...(groups.get(looked) ?? []), record])
  }
  return [...groups.values()].flatMap((group) => {
    const inTime = [...group].sort((a, b) => (a.endedAt?.getTime() ?? 0) - (b.endedAt?.getTime() ?? 0))
    const [first, last] = [inTime[0], inTime.at(-1)]
    if (!first || !last || first === last) return []
    const helped =
      lets(last.state) && !lets(first.state) ? 'It helped' : lets(last.state) ? 'Well both times' : 'It did not help'
    const found = (record: StepRecord) => inline(record.evidence?.summary ?? '')
    return [`**${helped}.** Before: ${found(first)} · after: ${found(last)}`]
  })
}

function stepOf(
  { step, state, evidence, startedAt, endedAt, undoes }: StepRecord,
  moment: (at: Date | null) => string,
) {
  const span =
    isEnded(state) && startedAt && endedAt ? ` (${shownDuration(endedAt.getTime() - startedAt.getTime())})` : ''
  const found = evidence ? `: ${inline(evidence.summary)}` : ''
  const limit = evidence?.limit === undefined ? '' : ` (limit ${inline(String(evidence.limit), 40)})`
  const verb = undoes === null ? step.verb : `undo of ${inline(undoes, 60)}`
  return `${moment(startedAt)} **${state}** ${verb}: ${inline(step.title, 200)}${span}${found}${limit}`
}
