import type { App, ViewOutput, ViewSubmitAction } from '@slack/bolt'
import type { Reply } from '../../commands/reply.js'
import type { Message } from '../blocks.js'
import { decodePress } from '../press-value.js'
import { withFormButton } from '../replies/opening.js'
import { formNameOf, formPrefix, formValues, type ViewState } from '../views/form-view.js'
import { decodeOrigin } from '../views/origin.js'
import { reasonCallback, reasonField } from '../views/reason-view.js'
import { answer, drawn } from './answers.js'
import { askerOf } from './asker.js'
import { attempt, refusal } from './attempt.js'
import type { FaceParts } from './parts.js'
import { pressOf, teamOf } from './presses.js'

/** What was filled in: forms, and the words that go with a reject or a cancel. Slack was answered before. */
export function listenToSubmissions(app: App, parts: FaceParts): void {
  app.view<ViewSubmitAction>(
    { type: 'view_submission', callback_id: new RegExp(`^${formPrefix}|^${reasonCallback}$`) },
    async ({ body, view, ack }) => {
      await ack()
      const reply = await attempt(parts, `the form ${view.callback_id}`, teamOf(body), () => submit(parts, body))
      if (reply.kind === 'said' && reply.text === '') return
      await answer(parts, { user: body.user.id, ...decodeOrigin(view.private_metadata) }, told(parts, view, reply))
    },
  )
}

/** The window is closed by now, so a refused form can be opened again as it was. */
function told(parts: FaceParts, view: ViewOutput, reply: Reply): Message {
  const name = formNameOf(view.callback_id)
  if (!name || reply.kind !== 'refused') return drawn(parts, reply)
  const held = { ...decodeOrigin(view.private_metadata).known, ...formValues(view.state.values as ViewState) }
  return withFormButton(drawn(parts, reply), { name, known: held })
}

async function submit(parts: FaceParts, body: ViewSubmitAction): Promise<Reply> {
  const { view, user } = body
  const origin = decodeOrigin(view.private_metadata)
  const via = view.callback_id === reasonCallback ? 'button' : 'form'
  // A second click on the same window is the same request.
  const asker = await askerOf(parts, {
    user: user.id,
    userName: user.name,
    team: teamOf(body) ?? '',
    via,
    delivery: view.id,
    ...origin,
  })
  const values = formValues(view.state.values as ViewState)
  const name = formNameOf(view.callback_id)
  if (name) return parts.desk.submitForm(name, { ...origin.known, ...values }, asker)
  const value = decodePress(origin.press)
  const press = value && pressOf(value, values[reasonField] ?? '')
  if (!press)
    return refusal(
      'not-its-card',
      'This window does nothing any more.',
      'It does not name a run.',
      'Click the button on the run’s card again.',
    )
  const reply = await parts.desk.press(press, asker)
  return reply.kind === 'refused' ? reply : { kind: 'said', text: '' }
}
