import type { App, ViewOutput, ViewSubmitAction } from '@slack/bolt'
import type { Reply } from '../../commands/reply.js'
import { decodePress } from '../press-value.js'
import { blockOfField, formNameOf, formPrefix, formValues, type ViewState } from '../views/form-view.js'
import { decodeOrigin } from '../views/origin.js'
import { answerView } from '../views/pages.js'
import { reasonCallback, reasonField } from '../views/reason-view.js'
import { answer, drawn } from './answers.js'
import { askerOf } from './asker.js'
import { attempt, refusal } from './attempt.js'
import { ackBudget, type FaceParts, inTime } from './parts.js'
import { pressOf, teamOf } from './presses.js'

/** What was filled in: forms, and the words that go with a reject or a cancel. The answer travels in the ack. */
export function listenToSubmissions(app: App, parts: FaceParts): void {
  app.view<ViewSubmitAction>(
    { type: 'view_submission', callback_id: new RegExp(`^${formPrefix}|^${reasonCallback}$`) },
    async ({ body, view, ack }) => {
      const work = attempt(parts, `the form ${view.callback_id}`, teamOf(body), () => submit(parts, body))
      const inBudget = await inTime(work, ackBudget, parts.clock)
      if (inBudget?.kind === 'refused') return ack(refusedAck(parts, view, inBudget))
      await ack()
      const reply = await work
      if (reply.kind !== 'said' || reply.text !== '')
        await answer(parts, { user: body.user.id, ...decodeOrigin(view.private_metadata) }, drawn(parts, reply))
    },
  )
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
  if (name) return parts.desk.submitForm(name, values, asker)
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

type Refused = Extract<Reply, { kind: 'refused' }>

const fieldOfCode: { [code: string]: string } = {
  'already-serving': 'version',
  'older-than-serving': 'version',
  'never-served': 'version',
  'cannot-return': 'version',
  'already-so': 'instances',
  'not-placed': 'service',
  'may-not': 'environment',
  locked: 'environment',
}

/** At the field that is wrong, when the refusal names one; else on a page above the form, which keeps what it holds. */
function refusedAck(parts: FaceParts, view: ViewOutput, reply: Refused) {
  const { code, what, why, next } = reply.refusal
  const fields = Object.values(view.state.values).flatMap((block) => Object.keys(block))
  const field = fields.find((name) => name === fieldOfCode[code] || code.split('-').includes(name))
  const block = field && blockOfField(view.blocks, field)
  if (block)
    return { response_action: 'errors' as const, errors: { [block]: [what, why, next].join(' ').slice(0, 1000) } }
  return { response_action: 'push' as const, view: answerView(drawn(parts, reply)) }
}
