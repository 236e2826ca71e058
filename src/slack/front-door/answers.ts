import { timedOut } from '../../errors.js'
import type { Json } from '../../json.js'
import type { Answer, Parcel } from '../../runs/inbox.js'
import type { Arrival, Payload } from './arrival.js'
import { within } from './within.js'

/**
 * Where the answer is the acknowledgement. Both only look and decide, and ask no vendor: they run before anything is
 * committed, and again when Slack sends the same again, though the first answer is the one that is given.
 */
export type Answers = {
  /** Null closes the window. Errors end the matter; after any other answer the listeners get the submission. */
  viewSubmission?(payload: Payload): Promise<Json | null>
  /** The options that an external select offers. */
  suggestion?(payload: Payload): Promise<Json>
}

const budget = 2_000

/** Without a function a window closes, and a select offers nothing. Rejects when the function takes too long. */
export async function answerFrom(answers: Answers, { parcel, payload }: Arrival): Promise<Answer> {
  const { viewSubmission = async () => null, suggestion = async () => ({ options: [] }) } = answers
  const decide = parcel.kind === 'submission' ? viewSubmission : suggestion
  const says = await within(decide(payload), budget)
  if (says === 'too late') throw timedOut('answer-slow', `the answer to a ${parcel.kind} took longer than ${budget} ms`)
  return { says }
}

/** Nothing was submitted, or nothing was asked but the answer. */
export function endsTheMatter({ kind, answer }: Parcel): boolean {
  const says = answer?.says
  if (kind === 'suggestion') return true
  return typeof says === 'object' && says !== null && !Array.isArray(says) && says.response_action === 'errors'
}
