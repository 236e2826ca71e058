import type { Block, StateValues } from '../protocol.js'
import { type Element, elementsIn } from './elements.js'
import { heldValue } from './values.js'

/** What Slack's own client says under inputs before it lets a modal be submitted, by block_id. */
export function inputErrors(blocks: Block[], values: StateValues): { [block_id: string]: string } {
  const errors: { [block_id: string]: string } = {}
  for (const { block, element } of elementsIn(blocks)) {
    if (block.type !== 'input') continue
    const value = heldValue(element, values, block.block_id)
    const error = value === undefined ? (block.optional ? undefined : REQUIRED) : wrongValue(element, value)
    if (error) errors[block.block_id] = error
  }
  return errors
}

const REQUIRED = 'Please complete this required field.'

function wrongValue(element: Element, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (element.type === 'email_text_input' && !/^\S+@\S+\.\S+$/.test(value)) return 'Please enter a valid email address.'
  if (element.type === 'url_text_input' && !URL.canParse(value)) return 'Please enter a valid URL.'
  if (element.type === 'number_input') return wrongNumber(element, value)
  return wrongLength(element, value)
}

function wrongNumber(element: Element, value: string): string | undefined {
  const number = Number(value)
  if (Number.isNaN(number)) return 'Please enter a valid number.'
  if (element.is_decimal_allowed !== true && !Number.isInteger(number)) return 'Please enter a whole number.'
  if (element.min_value !== undefined && number < Number(element.min_value)) {
    return `Please enter a number of at least ${element.min_value}.`
  }
  if (element.max_value !== undefined && number > Number(element.max_value)) {
    return `Please enter a number of at most ${element.max_value}.`
  }
  return undefined
}

function wrongLength(element: Element, value: string): string | undefined {
  const { min_length, max_length } = element
  if (typeof min_length === 'number' && value.length < min_length)
    return `Please enter at least ${min_length} characters.`
  if (typeof max_length === 'number' && value.length > max_length)
    return `Please enter at most ${max_length} characters.`
  return undefined
}
