import type { AnswerRecord, Reason, RunId } from './run.js'
import type { AskStep } from './step.js'

/** The answer that turns an approval down; one is enough, whatever the quorum. */
export const rejection = 'reject'

/**
 * The answer is enough by itself, whatever the quorum; the number is the run that allows it. Only the desk writes this, after
 * it has looked at that run.
 */
export const standsAlone = ({ data }: AnswerRecord): RunId | null =>
  typeof data?.alone === 'number' ? data.alone : null

export type Tally =
  | { kind: 'open'; given: number; missing: number }
  | { kind: 'answered'; answer: string; by: AnswerRecord[] }
  | { kind: 'rejected'; by: AnswerRecord; reason: Reason }
  | { kind: 'expired' }

/** Where an ask stands. Answers to another plan than the one with `digest` do not count, and nobody counts twice. */
export function tally(ask: AskStep, answers: AnswerRecord[], digest: string, deadline: Date | null, now: Date): Tally {
  const counted = distinct(answers.filter((answer) => answer.step === ask.key && answer.digest === digest))
  const rejected = counted.find((answer) => answer.answer === rejection)
  if (rejected) return { kind: 'rejected', by: rejected, reason: rejectedReason(rejected) }
  const alone = counted.find((answer) => standsAlone(answer) !== null)
  if (alone) return { kind: 'answered', answer: alone.answer, by: [alone] }
  const most =
    ask.answers
      .map(({ value }) => counted.filter((answer) => answer.answer === value))
      .sort((a, b) => b.length - a.length)[0] ?? []
  const first = most[0]
  if (first && most.length >= ask.quorum) return { kind: 'answered', answer: first.answer, by: most }
  if (deadline && now >= deadline) return { kind: 'expired' }
  return { kind: 'open', given: most.length, missing: Math.max(0, ask.quorum - most.length) }
}

function distinct(answers: AnswerRecord[]): AnswerRecord[] {
  const seen = new Set<string>()
  return answers.filter(({ person }) => !seen.has(person.id) && seen.add(person.id))
}

function rejectedReason(answer: AnswerRecord): Reason {
  return {
    code: 'rejected',
    text: answer.reason ? `rejected: ${answer.reason}` : 'rejected',
    details: { by: answer.person.id },
  }
}
