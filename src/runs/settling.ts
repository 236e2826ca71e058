import type { RunChange, StepChange } from './ports.js'
import type { Reason, RunView, StepRecord } from './run.js'
import type { AskStep, SayStep } from './step.js'
import { type Tally, tally } from './tally.js'

/** A step that is passed over, with the reason; skipped is not passed. */
export function skipped(record: StepRecord, why: string, now: Date): RunChange {
  return {
    steps: [{ key: record.key, state: 'skipped', evidence: { summary: why }, endedAt: now }],
    audit: [{ actor: null, act: 'step skipped', subject: { step: record.key, why } }],
  }
}

/** The ask is open until its deadline; whoever must answer is told once. */
export function openedAsk(view: RunView, record: StepRecord, ask: AskStep, now: Date): RunChange {
  const deadline = new Date(now.getTime() + ask.expires)
  return {
    state: 'waiting',
    reason: null,
    steps: [
      {
        key: record.key,
        state: 'waiting',
        startedAt: now,
        deadline,
        wakeAt: nearing(deadline, ask),
        attempt: record.attempt + 1,
      },
    ],
    audit: [
      {
        actor: null,
        act: 'asked',
        subject: { step: record.key, quorum: ask.quorum, digest: view.run.plan?.digest ?? '' },
      },
    ],
    posts: [
      {
        key: askPostKey(record.key, view.run.planRound, record.round),
        to: { kind: 'thread' },
        text: questionOf(view, ask),
      },
    ],
  }
}

/** What is asked, with what the step that it is about has found. */
export function questionOf({ steps }: Pick<RunView, 'steps'>, { question, about }: AskStep): string {
  const found = about === undefined ? undefined : steps.find(({ key }) => key === about)?.evidence?.summary
  return found ? `${question} ${found.charAt(0).toUpperCase()}${found.slice(1)}.` : question
}

/** The key of the post that mentions the people an ask waits for; faces add the mentions when they draw it. */
export const askPostKey = (step: string, planRound: number, round: number): string =>
  `ask:${step}:${planRound}:${round}`

/** The step that a post made by `askPostKey` belongs to, or null for any other post. */
export function askOfPost(key: string): string | null {
  return /^ask:(.+?):\d+:\d+(:again)?$/.exec(key)?.[1] ?? null
}

/** People are called again when a quarter of the time is left, but not for asks of a few minutes. */
function nearing(deadline: Date, ask: AskStep): Date | null {
  return ask.expires < 5 * 60_000 ? null : new Date(deadline.getTime() - ask.expires / 4)
}

/** The second and last call for an open ask whose deadline nears; null when it is not time, or was done. */
export function calledAgain(view: RunView, record: StepRecord, now: Date): RunChange | null {
  if (record.step.verb !== 'ask' || !record.wakeAt || now < record.wakeAt) return null
  const key = `${askPostKey(record.key, view.run.planRound, record.round)}:again`
  return {
    steps: [{ key: record.key, wakeAt: null }],
    posts: [{ key, to: { kind: 'thread' }, text: questionOf(view, record.step) }],
  }
}

/** What the answers so far make of an open ask; null while it stays open. */
export function closedAsk(view: RunView, record: StepRecord, now: Date): RunChange | null {
  if (record.step.verb !== 'ask') return null
  const answers = view.answers.filter(({ round }) => round === record.round)
  const result = tally(record.step, answers, view.run.plan?.digest ?? '', record.deadline, now)
  if (result.kind === 'open') return null
  const step = closedStep(record, record.step, result, now)
  return {
    state: 'running',
    wakeAt: null,
    steps: [step],
    audit: [{ actor: null, act: `ask ${result.kind}`, subject: { step: record.key } }],
  }
}

function closedStep(record: StepRecord, ask: AskStep, result: Exclude<Tally, { kind: 'open' }>, now: Date): StepChange {
  const ended = { key: record.key, endedAt: now }
  if (result.kind === 'answered') {
    const label = ask.answers.find(({ value }) => value === result.answer)?.label ?? result.answer
    return {
      ...ended,
      state: 'passed',
      output: { ...result.by[0]?.data, answer: result.answer },
      evidence: { summary: label, details: { by: result.by.map(({ person }) => person.id) } },
    }
  }
  if (result.kind === 'rejected') return { ...ended, state: 'failed', evidence: rejectedEvidence(result.reason) }
  return {
    ...ended,
    state: ask.onFailure === 'warn' ? 'warned' : 'timed out',
    evidence: { summary: 'nobody answered in time', next: 'Ask again when people are there.' },
  }
}

function rejectedEvidence(reason: Reason): { summary: string; details?: NonNullable<Reason['details']> } {
  return reason.details ? { summary: reason.text, details: reason.details } : { summary: reason.text }
}

/** A `say` is handed to the outbox in the transaction that ends its step, so it is told once. */
export function said(record: StepRecord, step: SayStep, now: Date): RunChange {
  return {
    steps: [
      { key: record.key, state: 'passed', startedAt: now, endedAt: now, evidence: { summary: 'told' }, attempt: 1 },
    ],
    posts: [{ key: `say:${record.key}:${record.round}`, to: step.to, text: step.text }],
  }
}
