import type { Block } from '../protocol.js'

/** A part of a block that people can use: a button, a select, an input … */
export type Element = { type: string; action_id: string; [field: string]: unknown }

export type Placed = {
  block: Block & { block_id: string }
  element: Element
}

/** Element types that get an action_id when the app gave none. */
const usable = new Set([
  'button',
  'workflow_button',
  'icon_button',
  'feedback_buttons',
  'overflow',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'checkboxes',
  'radio_buttons',
  'plain_text_input',
  'email_text_input',
  'url_text_input',
  'number_input',
  'rich_text_input',
  'file_input',
  ...['static', 'external', 'users', 'conversations', 'channels'].flatMap((kind) => [
    `${kind}_select`,
    `multi_${kind}_select`,
  ]),
])

/** Gives every block a block_id and every usable element an action_id, as Slack does on arrival. */
export function withIds(blocks: Block[], newId: () => string): Block[] {
  return blocks.map((block) => fill({ block_id: newId(), ...block }, newId) as Block)
}

/** Every usable element of blocks with the block it stands in, nested blocks included. */
export function elementsIn(blocks: Block[]): Placed[] {
  return blocks.flatMap((block) => within(block, block as Placed['block']))
}

/** The element that an action names, or undefined when the blocks hold none. */
export function findElement(blocks: Block[], block_id: string, action_id: string): Placed | undefined {
  return elementsIn(blocks).find(({ block, element }) => block.block_id === block_id && element.action_id === action_id)
}

function fill(value: unknown, newId: () => string): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, newId))
  if (!isRecord(value)) return value
  const filled = Object.fromEntries(Object.entries(value).map(([field, item]) => [field, fill(item, newId)]))
  return usable.has(String(value.type)) && !value.action_id ? { ...filled, action_id: newId() } : filled
}

function within(value: unknown, block: Placed['block']): Placed[] {
  if (Array.isArray(value)) return value.flatMap((item) => within(item, block))
  if (!isRecord(value)) return []
  const inner = typeof value.block_id === 'string' ? (value as Placed['block']) : block
  const here = usable.has(String(value.type)) ? [{ block: inner, element: value as Element }] : []
  return [...here, ...Object.values(value).flatMap((item) => within(item, inner))]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
