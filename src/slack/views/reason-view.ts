import type { ModalView } from '@slack/types'
import type { RunView } from '../../runs/run.js'
import { undoSteps } from '../../runs/undoing.js'
import { plain, section } from '../blocks.js'
import { changeOf, subjectOf } from '../cards/subject.js'
import type { PressValue } from '../press-value.js'
import { list, quote } from '../text.js'
import { encodeOrigin, type Origin } from './origin.js'

export const reasonCallback = 'reason'
export const reasonField = 'reason'

/** Asks for the words that go with a reject, a cancel or a choice, and says what it brings about. */
export function reasonView(press: PressValue, view: RunView, origin: Origin): ModalView {
  const { title, submit, optional } = wordsFor(press, view)
  const about = section(`#${view.run.id} ${changeOf(subjectOf(view.run))}`, consequence(press, view))
  return {
    type: 'modal',
    callback_id: reasonCallback,
    private_metadata: encodeOrigin(origin),
    title: plain(title, 24),
    submit: plain(submit, 24),
    close: plain('Leave it', 24),
    blocks: [
      ...(about ? [about] : []),
      {
        type: 'input',
        block_id: reasonField,
        optional,
        label: plain('Why?', 2000),
        hint: plain('It stands on the card and in the records.', 2000),
        element: { type: 'plain_text_input', action_id: reasonField, multiline: true, max_length: 500 },
      },
    ],
  }
}

function wordsFor(
  { name, answer, step }: PressValue,
  view: RunView,
): { title: string; submit: string; optional: boolean } {
  if (name === 'reject') return { title: 'Reject the plan', submit: 'Reject', optional: false }
  if (name === 'cancel') return { title: 'Cancel the run', submit: 'Cancel the run', optional: true }
  const asked = view.steps.find(({ key }) => key === step)?.step
  const label = asked?.verb === 'ask' ? asked.answers.find(({ value }) => value === answer)?.label : undefined
  const words = (label ?? 'Go on').replace(/…$/, '')
  return { title: words, submit: words, optional: false }
}

/** What will be so afterwards. */
function consequence({ name }: PressValue, view: RunView): string {
  const { service, environment, from } = subjectOf(view.run)
  if (name === 'reject')
    return `The plan ends refused and nothing is changed. ${from ?? 'What serves'} stays in *${environment}*.`
  if (name !== 'cancel') return 'The run goes on as you chose.'
  if (!view.run.startedAt) return 'Nothing has been changed yet, and nothing will be.'
  const undos = undoSteps(view.steps).map(({ step }) => quote(step.title, 60))
  const back =
    undos.length > 0
      ? `What was done is put back: ${list(undos)}.`
      : `Nothing that was done can be put back by itself; look at ${service} afterwards.`
  return `The step under way is broken off. ${back}`
}
