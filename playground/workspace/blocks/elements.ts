import {
  boolean,
  byType,
  type Check,
  type Fields,
  integer,
  list,
  matching,
  oneOf,
  type Place,
  report,
  shape,
  string,
  url,
  within,
} from './check.js'
import { limits } from './limits.js'
import {
  choice,
  confirm,
  conversationFilter,
  menuOption,
  optionGroup,
  overflowOption,
  picture,
  plain,
} from './objects.js'
import { richText } from './rich-text.js'

type Table = { [name: string]: Check }
type Also = (element: Fields, place: Place) => void

const ids = (max: number) => list(string(limits.id, 1), max, 0)
const anyNumber = Number.MAX_SAFE_INTEGER

const confirmable: Table = { 'confirm?': confirm }
const focusable: Table = { 'focus_on_load?': boolean }
const prompted: Table = { 'placeholder?': plain(limits.select.placeholder) }
const several: Table = { 'max_selected_items?': integer(1) }
const respondable: Table = { 'response_url_enabled?': boolean }
const dispatching: Table = {
  'dispatch_action_config?': shape({
    'trigger_actions_on?': list(oneOf('on_enter_pressed', 'on_character_entered'), 2),
  }),
}
const menu: Table = { ...prompted, ...confirmable, ...focusable }
const typed: Table = { ...prompted, ...focusable, ...dispatching }
const options: Table = {
  'options?': list(menuOption, limits.select.options),
  'option_groups?': list(optionGroup, limits.select.groups),
}
const labelled: Table = {
  text: plain(limits.button.text),
  'accessibility_label?': string(limits.button.accessibility),
}
const coloured: Table = { 'style?': oneOf('primary', 'danger') }
const conversations: Table = { 'default_to_current_conversation?': boolean, 'filter?': conversationFilter }
const feedback = shape({ ...labelled, value: string(limits.button.value) })

/** Every element a person can act on: its fields, and the rules between them. */
const kinds: { [type: string]: [Table, Also?] } = {
  button: [
    { ...labelled, ...coloured, ...confirmable, 'value?': string(limits.button.value), 'url?': url(limits.url) },
  ],
  workflow_button: [{ ...labelled, ...coloured, ...confirmable, workflow: shape({ trigger: workflowTrigger() }) }],
  icon_button: [
    {
      ...labelled,
      ...confirmable,
      icon: oneOf('trash'),
      'value?': string(limits.button.value),
      'visible_to_user_ids?': ids(anyNumber),
    },
  ],
  feedback_buttons: [{ positive_button: feedback, negative_button: feedback }],
  overflow: [{ ...confirmable, options: list(overflowOption, limits.overflow) }],
  checkboxes: [
    {
      ...confirmable,
      ...focusable,
      options: list(choice, limits.choices),
      'initial_options?': list(choice, limits.choices),
    },
    initialsAreOptions,
  ],
  radio_buttons: [
    { ...confirmable, ...focusable, options: list(choice, limits.choices), 'initial_option?': choice },
    initialsAreOptions,
  ],
  static_select: [{ ...menu, ...options, 'initial_option?': menuOption }, oneListOfOptions],
  multi_static_select: [
    { ...menu, ...several, ...options, 'initial_options?': list(menuOption, limits.select.options) },
    oneListOfOptions,
  ],
  external_select: [{ ...menu, 'initial_option?': menuOption, 'min_query_length?': integer(0) }],
  multi_external_select: [
    {
      ...menu,
      ...several,
      'initial_options?': list(menuOption, limits.select.options),
      'min_query_length?': integer(0),
    },
  ],
  users_select: [{ ...menu, 'initial_user?': string(limits.id, 1) }],
  multi_users_select: [{ ...menu, ...several, 'initial_users?': ids(anyNumber) }],
  conversations_select: [{ ...menu, ...respondable, ...conversations, 'initial_conversation?': string(limits.id, 1) }],
  multi_conversations_select: [{ ...menu, ...several, ...conversations, 'initial_conversations?': ids(anyNumber) }],
  channels_select: [{ ...menu, ...respondable, 'initial_channel?': string(limits.id, 1) }],
  multi_channels_select: [{ ...menu, ...several, 'initial_channels?': ids(anyNumber) }],
  datepicker: [{ ...menu, 'initial_date?': matching(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'YYYY-MM-DD') }],
  timepicker: [
    { ...menu, 'initial_time?': matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:mm'), 'timezone?': string(limits.id, 1) },
  ],
  datetimepicker: [{ ...confirmable, ...focusable, 'initial_date_time?': integer(1_000_000_000, 9_999_999_999) }],
  plain_text_input: [
    {
      ...typed,
      'initial_value?': string(limits.plainTextInput),
      'multiline?': boolean,
      'min_length?': integer(0, limits.plainTextInput),
      'max_length?': integer(1, limits.plainTextInput),
    },
    minBelowMax('min_length', 'max_length'),
  ],
  rich_text_input: [
    {
      ...typed,
      'initial_value?': richText,
      'min_lines?': integer(1, limits.richTextInputLines),
      'max_lines?': integer(1, limits.richTextInputLines),
    },
    minBelowMax('min_lines', 'max_lines'),
  ],
  email_text_input: [{ ...typed, 'initial_value?': string(limits.plainTextInput) }],
  url_text_input: [{ ...typed, 'initial_value?': string(limits.plainTextInput) }],
  number_input: [
    {
      ...typed,
      is_decimal_allowed: boolean,
      'initial_value?': numeral(),
      'min_value?': numeral(),
      'max_value?': numeral(),
    },
    minBelowMax('min_value', 'max_value'),
  ],
  file_input: [{ 'filetypes?': list(string(limits.id, 1), anyNumber), 'max_files?': integer(1, limits.files) }],
}

const pickers = ['datepicker', 'timepicker']
const menus = Object.keys(kinds).filter((type) => type.endsWith('_select'))
const choices = ['checkboxes', 'radio_buttons']

/** Which elements may stand where. */
export const allowedElements = {
  actions: [
    'button',
    'workflow_button',
    'overflow',
    'datetimepicker',
    'rich_text_input',
    ...pickers,
    ...menus,
    ...choices,
  ],
  section: ['image', 'button', 'workflow_button', 'overflow', ...pickers, ...menus, ...choices],
  input: [
    'plain_text_input',
    'rich_text_input',
    'email_text_input',
    'url_text_input',
    'number_input',
    'file_input',
    'datetimepicker',
    ...pickers,
    ...menus,
    ...choices,
  ],
  contextActions: ['feedback_buttons', 'icon_button'],
  card: ['button'],
} as const

const checks: { [type: string]: Check } = {
  image: picture,
  ...Object.fromEntries(Object.entries(kinds).map(([type, [fields, also]]) => [type, interactive(type, fields, also)])),
}

/** An element of the kinds allowed there. */
export function element(where: keyof typeof allowedElements): Check {
  return byType(checks, allowedElements[where])
}

function interactive(type: string, fields: Table, also?: Also): Check {
  return shape({ type: oneOf(type), 'action_id?': string(limits.id, 1), ...fields }, also)
}

function workflowTrigger(): Check {
  const input = shape({ name: string(limits.id, 1), value: () => {} })
  return shape({ url: url(limits.url), 'customizable_input_parameters?': list(input, anyNumber, 0) })
}

function numeral(): Check {
  return matching(/^-?\d+(\.\d+)?$/, 'a number as text')
}

function minBelowMax(min: string, max: string): Also {
  return (element, place) => {
    if (element[min] === undefined || element[max] === undefined) return
    if (Number(element[min]) > Number(element[max])) {
      report(within(place, min), 'conflict', `${min} must not be above ${max}`, `${max} ${String(element[max])}`)
    }
  }
}

function oneListOfOptions(element: Fields, place: Place): void {
  if ((element.options === undefined) === (element.option_groups === undefined)) {
    report(place, 'conflict', 'must have either options or option_groups, not both', 'options or option_groups')
  }
  initialsAreOptions(element, place)
}

function initialsAreOptions(element: Fields, place: Place): void {
  const offered = new Set(offeredOptions(element).map((item) => JSON.stringify(item)))
  const known = (item: unknown) => offered.has(JSON.stringify(item))
  const foreign = (key: string) => {
    report(within(place, key), 'not_in_list', `${key} must be one of the options`, 'one of options')
  }
  if (element.initial_option !== undefined && !known(element.initial_option)) foreign('initial_option')
  if (Array.isArray(element.initial_options) && !element.initial_options.every(known)) foreign('initial_options')
}

function offeredOptions(element: Fields): unknown[] {
  const groups = Array.isArray(element.option_groups) ? element.option_groups : []
  const grouped = groups.flatMap((group: unknown) => (isGroup(group) ? group.options : []))
  return [...(Array.isArray(element.options) ? element.options : []), ...grouped]
}

function isGroup(group: unknown): group is { options: unknown[] } {
  return typeof group === 'object' && group !== null && 'options' in group && Array.isArray(group.options)
}
