import type { ElementState } from '../../workspace/protocol.js'

/** An interactive element as it comes in a block. */
export type AnyElement = { type: string; action_id: string; [field: string]: unknown }

/** What an element holds before anybody touched it; nothing for elements that hold no state (buttons, overflow menus). */
export function initialState(element: AnyElement): ElementState | undefined {
  const field = stateField[element.type]
  if (!field) return undefined
  const [name, initial, empty] = field
  return { type: element.type, [name]: element[initial] ?? empty }
}

/** The name of the field that holds an element's value. */
export function fieldOf(type: string): string {
  return stateField[type]?.[0] ?? 'value'
}

const stateField: { [type: string]: [name: string, initial: string, empty: null | []] } = {
  plain_text_input: ['value', 'initial_value', null],
  email_text_input: ['value', 'initial_value', null],
  url_text_input: ['value', 'initial_value', null],
  number_input: ['value', 'initial_value', null],
  rich_text_input: ['rich_text_value', 'initial_value', null],
  static_select: ['selected_option', 'initial_option', null],
  external_select: ['selected_option', 'initial_option', null],
  radio_buttons: ['selected_option', 'initial_option', null],
  checkboxes: ['selected_options', 'initial_options', []],
  multi_static_select: ['selected_options', 'initial_options', []],
  multi_external_select: ['selected_options', 'initial_options', []],
  users_select: ['selected_user', 'initial_user', null],
  multi_users_select: ['selected_users', 'initial_users', []],
  channels_select: ['selected_channel', 'initial_channel', null],
  multi_channels_select: ['selected_channels', 'initial_channels', []],
  conversations_select: ['selected_conversation', 'initial_conversation', null],
  multi_conversations_select: ['selected_conversations', 'initial_conversations', []],
  datepicker: ['selected_date', 'initial_date', null],
  timepicker: ['selected_time', 'initial_time', null],
  datetimepicker: ['selected_date_time', 'initial_date_time', null],
  file_input: ['files', 'initial_files', []],
}
