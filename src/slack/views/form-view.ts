import type { InputBlock, ModalView, PlainTextOption } from '@slack/types'
import type { FormName } from '../../commands/command.js'
import type { IncidentFormName } from '../../commands/incident-words.js'
import type { Field, Form } from '../../commands/reply.js'
import { digestOf } from '../../json.js'
import { plain, section } from '../blocks.js'
import { escaped } from '../text.js'
import { encodeOrigin, type Origin } from './origin.js'

/** Prefix of the callback id of a form; the rest is its name. */
export const formPrefix = 'form:'

/** A form as a modal. Asked again with other choices, it keeps what was typed into fields that did not change. */
export function formView(form: Form, origin: Origin): ModalView {
  const intro = section(escaped(form.intro))
  return {
    type: 'modal',
    callback_id: `${formPrefix}${form.name}`,
    private_metadata: encodeOrigin(withCarried(origin, form)),
    title: plain(form.title, 24),
    submit: plain(form.submit, 24),
    close: plain('Cancel', 24),
    blocks: [...(intro ? [intro] : []), ...asked(form).slice(0, 50).map(inputOf)],
  }
}

const asked = ({ fields }: Form): Field[] => fields.filter(({ carried }) => !carried)

/** What the form is about and nobody is asked for travels in the view: Slack has no hidden fields. */
function withCarried(origin: Origin, { fields }: Form): Origin {
  const carried = fields.flatMap(({ name, value, carried }): [string, string][] =>
    carried && value ? [[name, value]] : [],
  )
  return carried.length === 0 ? origin : { ...origin, known: { ...origin.known, ...Object.fromEntries(carried) } }
}

export const formNames = [
  ...(['deploy', 'rollback', 'scale', 'hand-over', 'restore', 'routine'] as const satisfies FormName[]),
  ...(['incident', 'update', 'resolve', 'role', 'task', 'silence'] as const satisfies IncidentFormName[]),
] as const

export const formNameOf = (callbackId: string): FormName | null => {
  const name = callbackId.slice(formPrefix.length)
  return formNames.find((one): one is FormName => one === name) ?? null
}

/** What the fields hold, by name; empty ones are left out. */
export function formValues(values: ViewState): { [field: string]: string } {
  const held = Object.values(values).flatMap((block) => Object.entries(block))
  return Object.fromEntries(held.flatMap(([name, element]) => heldIn(element).map((value) => [name, value])))
}

/** The block in which a field stands, for its error. */
export function blockOfField(blocks: { block_id?: string; type: string }[], field: string): string | null {
  return blocks.find(({ block_id, type }) => type === 'input' && block_id?.split('.')[0] === field)?.block_id ?? null
}

/** Of a view's state: by block id, then by action id. */
export type ViewState = {
  [block: string]: {
    [action: string]: {
      value?: string | null
      selected_option?: { value: string } | null
      selected_user?: string | null
    }
  }
}

function heldIn({ value, selected_option, selected_user }: ViewState[string][string]): string[] {
  const held = selected_option?.value ?? selected_user ?? value
  return held === undefined || held === null || held === '' ? [] : [held]
}

function inputOf(field: Field): InputBlock {
  const choices = (field.options ?? []).slice(0, 100).map(optionOf)
  return {
    type: 'input',
    // Other choices make another block: Slack would keep a chosen value that is no longer among them.
    block_id: choices.length > 0 ? `${field.name}.${digestOf(choices).slice(0, 8)}` : field.name,
    label: plain(field.label, 2000),
    optional: field.optional ?? false,
    dispatch_action: field.refresh ?? false,
    ...(field.hint ? { hint: plain(field.hint, 2000) } : {}),
    element: field.person ? personOf(field) : choices.length > 0 ? selectOf(field, choices) : textOf(field),
  }
}

function selectOf(field: Field, options: PlainTextOption[]): InputBlock['element'] {
  const initial = options.find(({ value }) => value === field.value)
  return {
    type: 'static_select',
    action_id: field.name,
    options,
    placeholder: plain('Choose or type', 150),
    ...(initial ? { initial_option: initial } : {}),
  }
}

const personOf = ({ name }: Field): InputBlock['element'] => ({
  type: 'users_select',
  action_id: name,
  placeholder: plain('Choose a person', 150),
})

function textOf(field: Field): InputBlock['element'] {
  const most = field.long ? 2_000 : 200
  return {
    type: 'plain_text_input',
    action_id: field.name,
    max_length: most,
    ...(field.long ? { multiline: true } : {}),
    ...(field.value ? { initial_value: field.value.slice(0, most) } : {}),
  }
}

function optionOf({ value, label, description }: NonNullable<Field['options']>[number]): PlainTextOption {
  return {
    text: plain(label, 75),
    value: value.slice(0, 75),
    ...(description ? { description: plain(description, 75) } : {}),
  }
}
