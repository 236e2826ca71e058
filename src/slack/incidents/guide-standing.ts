import type { AnswerRecord, RunView, StepRecord } from '../../runs/run.js'
import { isEnded } from '../../runs/step.js'
import { ordered } from '../cards/parts-of-run.js'

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
  for (const record of ordered(view)) {
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

/** For one line on the incident's card. */
export function guideStanding(view: RunView) {
  const steps = guideSteps(view)
  const ended = steps.filter(({ standing }) => standing !== 'current' && standing !== 'coming').length
  const current = steps.find(({ standing }) => standing === 'current') ?? null
  const asks = current?.records.some(({ step, state }) => step.verb === 'ask' && state === 'waiting') ?? false
  return {
    title: guideTitle(view),
    done: steps.filter(({ standing }) => standing === 'done' || standing === 'found').length,
    of: steps.length,
    at: Math.min(steps.length, ended + 1),
    current: current?.title ?? null,
    waits: asks ? 'waiting for people' : 'at work',
  }
}

/** The guide's own heading; its name where it has none. */
export function guideTitle({ run }: RunView): string {
  const { markdown, guide } = run.intent.input
  const heading = typeof markdown === 'string' ? /^#\s+(.+?)\s*#*$/m.exec(markdown)?.[1] : undefined
  const words = String(guide ?? run.intent.job).replaceAll('-', ' ')
  return heading ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`
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
