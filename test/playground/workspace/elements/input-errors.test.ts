import { describe, expect, it } from 'vitest'
import { inputErrors } from '../../../../playground/workspace/elements/input-errors.js'

const errorOf = (element: object, value: unknown, block: object = {}) => {
  const [type, slot] = [String(Object(element).type), 'value']
  const blocks = [{ type: 'input', block_id: 'b', element: { action_id: 'a', ...element }, ...block }]
  return inputErrors(blocks, { b: { a: { type, [slot]: value } } }).b
}

describe('Slack’s own check before a modal is sent', () => {
  it.each([
    ['an empty input', { type: 'plain_text_input' }, '', /complete this required field/],
    ['an address without @', { type: 'email_text_input' }, 'rita', /email address/],
    ['a word for a URL', { type: 'url_text_input' }, 'storefront', /valid URL/],
    ['a word for a number', { type: 'number_input', is_decimal_allowed: false }, 'three', /valid number/],
    ['a fraction where none is allowed', { type: 'number_input', is_decimal_allowed: false }, '1.5', /whole number/],
    ['too small a number', { type: 'number_input', is_decimal_allowed: false, min_value: '1' }, '0', /at least 1/],
    ['too large a number', { type: 'number_input', is_decimal_allowed: false, max_value: '8' }, '9', /at most 8/],
    ['too short a text', { type: 'plain_text_input', min_length: 3 }, 'no', /at least 3 characters/],
    ['too long a text', { type: 'plain_text_input', max_length: 3 }, 'long', /at most 3 characters/],
  ])('stops %s', (_what, element, value, expected) => {
    expect(errorOf(element, value)).toMatch(expected)
  })

  it.each([
    ['an optional input that is empty', { type: 'plain_text_input' }, null, { optional: true }],
    ['an address', { type: 'email_text_input' }, 'rita@storefront.example', {}],
    ['a fraction where it is allowed', { type: 'number_input', is_decimal_allowed: true }, '1.5', {}],
  ])('lets %s pass', (_what, element, value, block) => {
    expect(errorOf(element, value, block)).toBeUndefined()
  })
})
