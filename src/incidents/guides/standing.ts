import type { AnswerRecord, RunView, StepRecord } from '../../runs/run.js'
import { isEnded } from '../../runs/step.js'

/**
 * How a guide's step stands. done: its evidence says so. skipped: a person said why, or it does not apply. found: a check
 * that did not pass. current: it is looked at, or waits for people.
 */
export type Standing = 'done' | 'found' | 'skipped' | 'failed' | 'current' | 'coming'

/** One step of a guide with the run's steps that carry it out: what is asked, what it ran, the checks that prove it. */
export type GuideStepView = {
  key: string
  title: string
  standing: Standing
  records: StepRecord[]
  /** What was answered last. */
  answer: AnswerRecord | null
  /** The run that it started. */
  run: number | null
}

/** Steps in the guide's order. A *do* is several steps of the run; their keys begin with its own and a colon. */
export function guideSteps(view: RunView): GuideStepView[] {
  const groups = new Map<string, StepRecord[]>()
  for (const record of [...view.steps].sort((a, b) => a.position - b.position)) {
    const key = record.key.split(':')[0] ?? record.key
    groups.set(key, [...(groups.get(key) ?? []), record])
  }
  return [...groups].flatMap(([key, records]) => {
    const [first] = records
    if (!first) return []
    const answer = view.answers.findLast(({ step, round }) => step === first.key && round === first.round) ?? null
    const run = records.map(({ output }) => output.run).find((one): one is number => typeof one === 'number') ?? null
    return [{ key, title: first.step.title, standing: standingOf(records, answer), records, answer, run }]
  })
}

function standingOf(records: StepRecord[], answer: AnswerRecord | null): Standing {
  const states = records.map(({ state }) => state)
  if (states.some((state) => state === 'running' || state === 'waiting')) return 'current'
  if (!isEnded(states[0] ?? 'pending')) return 'coming'
  if (answer?.answer === 'skip' || states.every((state) => state === 'skipped' || state === 'stopped')) return 'skipped'
  const proof = records.filter(({ state }) => state !== 'skipped')
  if (proof.some(({ state }) => state === 'pending')) return 'current'
  const bad = proof.find(({ state }) => state !== 'passed' && state !== 'undone')
  if (!bad) return 'done'
  return bad.step.verb === 'check' && bad.state === 'warned' ? 'found' : 'failed'
}
