import type { Button } from '@slack/types'
import type { FormName } from '../../commands/command.js'
import type { IncidentFormName } from '../../commands/incident-words.js'
import type { Form } from '../../commands/reply.js'
import { actions, type Message, message, plain, section } from '../blocks.js'
import { encodePress, type PressValue } from '../press-value.js'
import { quote } from '../text.js'

/** Names the form that a click opens, with what is known for it; words after a colon keep two in one message apart. */
export const openFormAction = 'open-form'

/** Carries the press that asks for words, or for details, to be opened by another click. */
export const openPressAction = 'open-press'

export type AskedForm = { name: FormName | IncidentFormName; known: { [field: string]: string } }

/** After a mention, which brings no trigger to open a form with. */
export const formMissing = (form: Form): Message =>
  offered(
    `${quote(form.title, 60)}: something is still missing.`,
    ['Something is still missing; the form asks for it.'],
    formButton(askedFormOf(form)),
  )

/** The trigger of what was asked is gone: the click on this button brings another. */
export const formTooLate = (asked: AskedForm): Message => offered(tooLate, [tooLate, nothingDone], formButton(asked))

/** What a form was told, with a button that opens it as it was filled in. */
export const withFormButton = ({ text, blocks }: Message, asked: AskedForm): Message =>
  message(text, [...blocks, actions(openFormAction, [formButton(asked, 'Open the form again')])])

export const pressTooLate = (value: PressValue): Message =>
  offered(
    tooLate,
    [tooLate, nothingDone],
    button(openPressAction, value.name === 'details' ? 'Show the details' : 'Open the window', encodePress(value)),
  )

export const askedFormOf = ({ name, fields }: Form): AskedForm => ({
  name,
  known: Object.fromEntries(fields.flatMap(({ name: field, value }) => (value === undefined ? [] : [[field, value]]))),
})

const tooLate = 'Shipmate came too late to open a window for you: Slack allows it for three seconds.'
const nothingDone = 'Nothing was done. This button opens it now.'

function offered(fallback: string, lines: string[], button: Button): Message {
  return message(fallback, [section(...lines), actions(button.action_id ?? '', [button])])
}

const formButton = (asked: AskedForm, text = 'Open the form') => button(openFormAction, text, JSON.stringify(asked))

const button = (action: string, text: string, value: string): Button => ({
  type: 'button',
  action_id: action,
  style: 'primary',
  text: plain(text, 75),
  value: value.slice(0, 2000),
})
