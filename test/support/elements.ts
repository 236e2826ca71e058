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

/** Every usable element in blocks, nested ones included, in order. */
export function elementsOf(blocks: unknown, block_id = ''): Found[] {
  if (Array.isArray(blocks)) return blocks.flatMap((item) => elementsOf(item, block_id))
  if (!isJson(blocks)) return []
  const here = typeof blocks.block_id === 'string' ? blocks.block_id : block_id
  const inner = Object.values(blocks).flatMap((value) => elementsOf(value, here))
  return typeof blocks.action_id === 'string' ? [foundFrom(blocks, here, blocks.action_id), ...inner] : inner
}

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
