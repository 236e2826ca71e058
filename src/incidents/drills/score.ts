import { isOfDrill, type RunId, type RunView } from '../../runs/run.js'
import { isEnded, type StepState } from '../../runs/step.js'
import { guideSteps, type Standing } from '../guides/standing.js'
import { timedSteps } from '../guides/timed-steps.js'

/** Each time a step of a guide ended, in order; one that was looked at again ended more than once. */
export type StepEnd = { step: string; state: StepState; at: Date }

/** What is known of a rehearsal when it is over. */
export type DrillScene = {
  guide: RunView
  /** The runs that it began. */
  children: RunView[]
  ends: StepEnd[]
  now: Date
}

/** How a rehearsal went, from its own rows. Times are milliseconds since the guide was begun, null for never. */
export type DrillScore = {
  guide: string
  run: RunId
  points: number
  /** So many could be had: what was not rehearsed is not counted. */
  of: number
  firstAct: number | null
  found: number | null
  repaired: number | null
  ended: number
  /** Checks that found something, those of them that passed later, and those that nobody looked at again. */
  findings: string[]
  turned: string[]
  unproven: string[]
  steps: { done: number; skipped: number; failed: number; left: number }
  /** Steps that took longer than the guide allows; null when it allows any time. */
  late: string[] | null
  people: string[]
}

/**
 * One point each for a fault that was found, for all that was found having passed again afterwards, for no step left or
 * failed, and for no step late. Where no check found anything, nobody can tell whether there was a fault: the first two
 * are not counted then.
 */
export function drillScore(scene: DrillScene): DrillScore {
  const { guide, now } = scene
  const began = guide.run.createdAt
  const over = guide.run.endedAt ?? now
  const since = (at: Date | null) => (at === null ? null : Math.max(0, at.getTime() - began.getTime()))
  const checks = checkedIn(scene)
  const steps = stepCounts(guide)
  const late = lateSteps(guide, over)
  const isRepaired = checks.some(({ turnedAt }) => turnedAt) && checks.every(({ last }) => last !== 'found')
  const earned = [
    ...(checks.length > 0 ? [true, isRepaired] : []),
    steps.left + steps.failed === 0,
    ...(late ? [late.length === 0] : []),
  ]
  return {
    guide: String(guide.run.intent.input.guide),
    run: guide.run.id,
    points: earned.filter(Boolean).length,
    of: earned.length,
    firstAct: since(firstAct(guide)),
    found: since(earliest(checks.map(({ foundAt }) => foundAt))),
    repaired: isRepaired ? since(latest(checks.flatMap(({ turnedAt }) => turnedAt ?? []))) : null,
    ended: since(over) ?? 0,
    findings: checks.map(({ title }) => title),
    turned: checks.filter(({ last }) => last === 'passed').map(({ title }) => title),
    unproven: checks.filter(({ last }) => last === 'not again').map(({ title }) => title),
    steps,
    late,
    people: peopleIn(scene),
  }
}

type Checked = { title: string; foundAt: Date; turnedAt: Date | null; last: 'found' | 'passed' | 'not again' }

/** Checks of the guide that found something, with what the looks after it saw: the same check, or the proof of an act. */
function checkedIn({ guide, ends }: DrillScene): Checked[] {
  const own = guide.steps.filter(({ key, step }) => step.verb === 'check' && !key.includes(':'))
  return own.flatMap(({ key, step }) => {
    const looks = ends
      .filter((end) => end.step === key || end.step.endsWith(`:proof:${key}`))
      .filter(({ state }) => state === 'passed' || state === 'warned' || state === 'failed')
      .sort((a, b) => a.at.getTime() - b.at.getTime())
    const first = looks.findIndex(({ state }) => state !== 'passed')
    const found = looks[first]
    if (!found) return []
    const after = looks.slice(first + 1)
    const last = after.at(-1)
    const turnedAt = last?.state === 'passed' ? last.at : null
    return [
      { title: step.title, foundAt: found.at, turnedAt, last: !last ? 'not again' : turnedAt ? 'passed' : 'found' },
    ]
  })
}

function stepCounts(guide: RunView): DrillScore['steps'] {
  // What a person's stop cut short was not gone through.
  const standings = guideSteps(guide).map(
    ({ standing, records }): Standing => (records.every(({ state }) => state === 'stopped') ? 'coming' : standing),
  )
  const of = (...wanted: Standing[]) => standings.filter((one) => wanted.includes(one)).length
  return { done: of('done', 'found'), skipped: of('skipped'), failed: of('failed'), left: of('current', 'coming') }
}

function lateSteps(guide: RunView, over: Date): string[] | null {
  const timed = timedSteps(guide)
  if (timed.length === 0) return null
  return timed
    .filter(({ record, lateAt }) => (isEnded(record.state) && record.endedAt ? record.endedAt : over) > lateAt)
    .map(({ record }) => record.step.title)
}

/** The first thing that a person did: an answer, or saying to be at a step. */
function firstAct({ answers, steps }: RunView): Date | null {
  return earliest([...answers.map(({ at }) => at), ...steps.flatMap(({ taken }) => taken?.at ?? [])])
}

function peopleIn({ guide, children }: DrillScene): string[] {
  const actors = [guide, ...children.filter(({ run }) => isOfDrill(run))].flatMap(({ run, steps, answers }) => [
    run.requestedBy,
    ...steps.flatMap(({ taken }) => taken?.by ?? []),
    ...answers.map(({ person }) => person),
  ])
  return [...new Map(actors.map(({ id, name }) => [id, name])).values()]
}

const earliest = (moments: Date[]): Date | null => moments.reduce<Date | null>((a, b) => (a && a <= b ? a : b), null)
const latest = (moments: Date[]): Date | null => moments.reduce<Date | null>((a, b) => (a && a >= b ? a : b), null)
