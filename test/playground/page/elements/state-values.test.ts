import { describe, expect, test } from 'vitest'
import { stateValues } from '../../../../playground/page/elements/state-values.js'

const option = { text: { type: 'plain_text', text: 'prod' }, value: 'prod' }

describe('the state of a view', () => {
  test('inputs that nobody touched send what they began with', () => {
    const blocks = [
      { type: 'input', block_id: 'a', element: { type: 'plain_text_input', action_id: 'x', initial_value: 'hello' } },
      { type: 'input', block_id: 'b', element: { type: 'multi_users_select', action_id: 'y' } },
      { type: 'section', block_id: 'c', accessory: { type: 'static_select', action_id: 'z', initial_option: option } },
    ]
    expect(stateValues(blocks, {})).toEqual({
      a: { x: { type: 'plain_text_input', value: 'hello' } },
      b: { y: { type: 'multi_users_select', selected_users: [] } },
      c: { z: { type: 'static_select', selected_option: option } },
    })
  })

  test('what was typed goes before what was there', () => {
    const blocks = [
      { type: 'input', block_id: 'a', element: { type: 'number_input', action_id: 'x', initial_value: '2' } },
    ]
    const typed = { a: { x: { type: 'number_input', value: '5' } }, gone: { y: { type: 'number_input', value: '1' } } }
    expect(stateValues(blocks, typed)).toEqual({ a: { x: { type: 'number_input', value: '5' } } })
  })

  test('buttons and menus hold no state', () => {
    const elements = [
      { type: 'button', action_id: 'go' },
      { type: 'overflow', action_id: 'more', options: [] },
    ]
    expect(stateValues([{ type: 'actions', block_id: 'a', elements }], {})).toEqual({})
  })
})
