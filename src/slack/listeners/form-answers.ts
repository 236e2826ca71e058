import { z } from 'zod'
import type { Desk } from '../../jobs/desk.js'
import type { Json } from '../../json.js'
import type { Answers } from '../front-door/answers.js'
import { decodePress } from '../press-value.js'
import { blockOfField, formNameOf, formValues } from '../views/form-view.js'
import { decodeOrigin } from '../views/origin.js'
import { reasonCallback, reasonField } from '../views/reason-view.js'

/**
 * What the acknowledgement of a window says, by what is in it and the operator's file alone: mistakes that can be mended
 * there, at their fields. Else it closes, and what becomes of it is told where it was opened.
 */
export function createFormAnswers(desk: Pick<Desk, 'mistakeIn'>): Required<Answers> {
  return {
    viewSubmission: async (payload) => {
      const read = submissionShape.safeParse(payload)
      return read.success ? errorsIn(desk, read.data.view) : null
    },
    // No window of Shipmate asks for the choices of a select as somebody types.
    suggestion: async () => ({ options: [] }),
  }
}

const held = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
  selected_user: z.string().nullish(),
})

const submissionShape = z.object({
  view: z.object({
    callback_id: z.string(),
    private_metadata: z.string().default(''),
    blocks: z.array(z.object({ type: z.string(), block_id: z.string().optional() })).default([]),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), held)) }),
  }),
})

type SubmittedView = z.infer<typeof submissionShape>['view']

function errorsIn(desk: Pick<Desk, 'mistakeIn'>, view: SubmittedView): Json | null {
  const values = formValues(view.state.values)
  const name = formNameOf(view.callback_id)
  const mistake = name ? desk.mistakeIn(name, values) : reasonMissing(view, values)
  const block = mistake && blockOfField(view.blocks, mistake.field)
  return block ? { response_action: 'errors', errors: { [block]: mistake.text.slice(0, 1000) } } : null
}

/** Slack takes blanks for words. */
function reasonMissing(view: SubmittedView, values: { [field: string]: string }) {
  if (view.callback_id !== reasonCallback || values[reasonField]?.trim()) return null
  const press = decodePress(decodeOrigin(view.private_metadata).press)
  if (press?.name !== 'reject' && press?.name !== 'choose') return null
  return { field: reasonField, text: 'Say why in a few words: they stand on the card.' }
}
