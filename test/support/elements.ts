import type { Message, StateValues } from '../../playground/workspace/protocol.js'

/** An element that a person can use, where it stands, and how it holds what they choose. */
export type Found = {
  type: string
  block_id: string
  action_id: string
  /** A button's label. */
  text?: string
  /** The state fields for a value: a string, a list of strings, or the fields themselves. */
  holding(value: string | string[] | { [field: string]: unknown }): { [field: string]: unknown }
}

type Json = { [field: string]: unknown }

/** What a person types, by action_id: a string, a list of strings, or the element's state fields themselves. */
export type TypedValues = { [action_id: string]: string | string[] | Json }

/** Every usable element in blocks, nested ones included, in order. */
export function elementsOf(blocks: unknown, block_id = ''): Found[] {
  if (Array.isArray(blocks)) return blocks.flatMap((item) => elementsOf(item, block_id))
  if (!isJson(blocks)) return []
  const here = typeof blocks.block_id === 'string' ? blocks.block_id : block_id
  const inner = Object.values(blocks).flatMap((value) => elementsOf(value, here))
  return typeof blocks.action_id === 'string' ? [foundFrom(blocks, here, blocks.action_id), ...inner] : inner
}

/** The named element (by text or action_id) in the newest of these messages that has one, or in the message `ts`. */
export function inMessages(rows: Message[], what: string, ts: string | undefined) {
  for (const row of rows.toReversed()) {
    if (ts && row.ts !== ts) continue
    const found = elementsOf([...(row.blocks ?? []), ...(row.attachments ?? [])]).find((one) => isNamed(one, what))
    if (found) return { block_id: found.block_id, action_id: found.action_id, message_ts: row.ts }
  }
  return undefined
}

/** The named element in the blocks of a view. */
export function pick(blocks: unknown, what: string): { block_id: string; action_id: string } {
  const found = elementsOf(blocks).find((one) => isNamed(one, what))
  if (!found) throw new Error(`the view has no ${what}`)
  return { block_id: found.block_id, action_id: found.action_id }
}

/** Typed values as the page would send them. */
export function typedValues(blocks: unknown, values: TypedValues): StateValues {
  const typed: StateValues = {}
  for (const [action_id, value] of Object.entries(values)) {
    const found = elementsOf(blocks).find((one) => one.action_id === action_id)
    if (!found) throw new Error(`the view has no input ${action_id}`)
    typed[found.block_id] = { ...typed[found.block_id], [action_id]: { type: found.type, ...found.holding(value) } }
  }
  return typed
}

const isNamed = ({ action_id, text }: Found, what: string) => action_id === what || text === what

function foundFrom(element: Json, block_id: string, action_id: string): Found {
  const type = String(element.type)
  const text = isJson(element.text) ? String(element.text.text) : undefined
  return { type, block_id, action_id, text, holding: (value) => (isJson(value) ? value : held(element, type, value)) }
}

function held(element: Json, type: string, value: string | string[]): Json {
  if (type.endsWith('_input')) return { value }
  if (type === 'datepicker') return { selected_date: value }
  if (type === 'timepicker') return { selected_time: value }
  if (type === 'datetimepicker') return { selected_date_time: Number(value) }
  const [, many, kind] = /^(multi_)?(users|conversations|channels)_select$/.exec(type) ?? []
  if (kind) return { [`selected_${many ? kind : kind.slice(0, -1)}`]: value }
  if (Array.isArray(value)) return { selected_options: value.map((one) => optionOf(element, one)) }
  return { selected_option: optionOf(element, value) }
}

function optionOf(element: Json, value: string): unknown {
  const groups = Array.isArray(element.option_groups) ? element.option_groups : []
  const options = [element.options, ...groups.map((group) => Object(group).options)].flat()
  const known = options.find((option) => Object(option).value === value)
  // External selects carry no options in their block.
  if (!known && options.some(Boolean)) throw new Error(`${element.action_id} offers no ${value}`)
  return known ?? { text: { type: 'plain_text', text: value }, value }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
