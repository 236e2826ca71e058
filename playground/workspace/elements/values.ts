import type { Block, ElementState, StateValues } from '../protocol.js'
import { type Element, elementsIn } from './elements.js'

/** Where each kind of element keeps what it holds, in what the app gave it and in what Slack reports. */
const slots: { [type: string]: { initial: string; held: string; many?: boolean } } = {
  plain_text_input: { initial: 'initial_value', held: 'value' },
  email_text_input: { initial: 'initial_value', held: 'value' },
  url_text_input: { initial: 'initial_value', held: 'value' },
  number_input: { initial: 'initial_value', held: 'value' },
  rich_text_input: { initial: 'initial_value', held: 'rich_text_value' },
  file_input: { initial: '', held: 'files', many: true },
  datepicker: { initial: 'initial_date', held: 'selected_date' },
  timepicker: { initial: 'initial_time', held: 'selected_time' },
  datetimepicker: { initial: 'initial_date_time', held: 'selected_date_time' },
  static_select: { initial: 'initial_option', held: 'selected_option' },
  external_select: { initial: 'initial_option', held: 'selected_option' },
  radio_buttons: { initial: 'initial_option', held: 'selected_option' },
  checkboxes: { initial: 'initial_options', held: 'selected_options', many: true },
  multi_static_select: { initial: 'initial_options', held: 'selected_options', many: true },
  multi_external_select: { initial: 'initial_options', held: 'selected_options', many: true },
  users_select: { initial: 'initial_user', held: 'selected_user' },
  conversations_select: { initial: 'initial_conversation', held: 'selected_conversation' },
  channels_select: { initial: 'initial_channel', held: 'selected_channel' },
  multi_users_select: { initial: 'initial_users', held: 'selected_users', many: true },
  multi_conversations_select: { initial: 'initial_conversations', held: 'selected_conversations', many: true },
  multi_channels_select: { initial: 'initial_channels', held: 'selected_channels', many: true },
}

/** `state.values` of a view or message: what was typed, else what the app put in, else null. */
export function stateValues(blocks: Block[], typed: StateValues): StateValues {
  const values: StateValues = {}
  for (const { block, element } of elementsIn(blocks)) {
    const state = typed[block.block_id]?.[element.action_id] ?? untouched(element)
    if (state) values[block.block_id] = { ...values[block.block_id], [element.action_id]: state }
  }
  return values
}

/** What an element holds, or undefined when it holds nothing. */
export function heldValue(element: Element, values: StateValues, block_id: string): unknown {
  const slot = slots[element.type]
  const value = slot && values[block_id]?.[element.action_id]?.[slot.held]
  return value === '' || value === null || (Array.isArray(value) && value.length === 0) ? undefined : value
}

/** What was typed into inputs that are still there (same block_id and action_id) after the blocks changed. */
export function keptValues(blocks: Block[], typed: StateValues): StateValues {
  const kept: StateValues = {}
  for (const { block, element } of elementsIn(blocks)) {
    const state = typed[block.block_id]?.[element.action_id]
    if (state?.type === element.type) kept[block.block_id] = { ...kept[block.block_id], [element.action_id]: state }
  }
  return kept
}

/** Values with those of `newer` over them, element by element. */
export function mergedValues(older: StateValues, newer: StateValues): StateValues {
  const merged = { ...older }
  for (const [block_id, actions] of Object.entries(newer)) merged[block_id] = { ...merged[block_id], ...actions }
  return merged
}

/** The state of one element after a person chose `held`, for example `{ selected_option: … }`; none for buttons. */
export function chosenState(element: Element, held: { [field: string]: unknown }): ElementState | undefined {
  return slots[element.type] ? { type: element.type, ...held } : undefined
}

function untouched(element: Element): ElementState | undefined {
  const slot = slots[element.type]
  if (!slot) return undefined
  return { type: element.type, [slot.held]: element[slot.initial] ?? (slot.many ? [] : null) }
}
