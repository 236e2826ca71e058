import { describe, expect, it } from 'vitest'
import { elementsIn, findElement, withIds } from '../../../../playground/workspace/elements/elements.js'
import { chosenState, keptValues, stateValues } from '../../../../playground/workspace/elements/values.js'
import type { Block } from '../../../../playground/workspace/protocol.js'

const option = (value: string) => ({ text: { type: 'plain_text', text: value }, value })
const input = (block_id: string, element: object): Block => ({ type: 'input', block_id, element })

describe('blocks on arrival', () => {
  it('get ids where they have none, and keep those that they have', () => {
    let last = 0
    const button = { type: 'button', text: { type: 'plain_text', text: 'Go' } }
    const given: Block[] = [
      { type: 'actions', elements: [button, { ...button, action_id: 'mine' }] },
      { type: 'section', block_id: 'own', accessory: button },
    ]
    const places = elementsIn(withIds(given, () => `id${++last}`)).map(({ block, element }) => [
      block.block_id,
      element.action_id,
    ])
    expect(places).toEqual([
      ['id1', 'id2'],
      ['id1', 'mine'],
      ['own', 'id4'],
    ])
  })

  it('let elements be found in blocks inside of blocks', () => {
    const inner = { type: 'actions', block_id: 'inner', elements: [{ type: 'button', action_id: 'go' }] }
    const outer: Block = { type: 'container', block_id: 'outer', child_blocks: [inner] }
    expect(findElement([outer], 'inner', 'go')?.element.type).toBe('button')
    expect(findElement([outer], 'outer', 'go')).toBeUndefined()
  })
})

describe('the state of inputs', () => {
  const blocks = [
    input('a', { type: 'plain_text_input', action_id: 'text', initial_value: 'first' }),
    input('b', { type: 'static_select', action_id: 'pick', options: [option('x')] }),
    input('c', { type: 'checkboxes', action_id: 'boxes', initial_options: [option('y')] }),
    input('d', { type: 'multi_users_select', action_id: 'people' }),
    input('e', { type: 'datepicker', action_id: 'day', initial_date: '2026-11-23' }),
  ]

  it('is what the app put in, else null or an empty list', () => {
    expect(stateValues(blocks, {})).toEqual({
      a: { text: { type: 'plain_text_input', value: 'first' } },
      b: { pick: { type: 'static_select', selected_option: null } },
      c: { boxes: { type: 'checkboxes', selected_options: [option('y')] } },
      d: { people: { type: 'multi_users_select', selected_users: [] } },
      e: { day: { type: 'datepicker', selected_date: '2026-11-23' } },
    })
  })

  it('is what was typed, as long as block_id, action_id and type stay', () => {
    const typed = { a: { text: { type: 'plain_text_input', value: 'second' } } }
    expect(stateValues(blocks, typed).a?.text?.value).toBe('second')
    expect(keptValues(blocks, typed)).toEqual(typed)
    expect(keptValues([input('other', { type: 'plain_text_input', action_id: 'text' })], typed)).toEqual({})
    expect(keptValues([input('a', { type: 'number_input', action_id: 'text' })], typed)).toEqual({})
  })

  it('is none for a button', () => {
    expect(chosenState({ type: 'button', action_id: 'go' }, { value: 'x' })).toBeUndefined()
    expect(
      stateValues([{ type: 'actions', block_id: 'z', elements: [{ type: 'button', action_id: 'go' }] }], {}),
    ).toEqual({})
  })
})
