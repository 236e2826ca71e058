import { describe, expect, it } from 'vitest'
import {
  slackLine,
  validateBlocks,
  validateMessage,
  validateOptions,
  validateView,
} from '../../../../playground/workspace/blocks/validate.js'
import * as a from './samples.js'

const firstIn = (blocks: unknown) => {
  const [found] = validateBlocks(blocks, 'message')
  return found && [found.code, found.pointer]
}

describe('Rules between the fields of one block', () => {
  it.each([
    ['a section without text or fields', [{ type: 'section' }], 'missing_field', '/blocks/0'],
    ['a field Slack does not know', [a.section({ colour: 'red' })], 'unknown_field', '/blocks/0'],
    ['emoji on mrkdwn', [a.section({ text: { ...a.mrkdwn(), emoji: true } })], 'unknown_field', '/blocks/0/text'],
    ['an empty text', [a.section({ text: a.mrkdwn('') })], 'too_short', '/blocks/0/text/text'],
    ['no elements', [a.actions()], 'too_few', '/blocks/0/elements'],
    ['a style of its own', [a.actions(a.button({ style: 'warning' }))], 'not_in_list', '/blocks/0/elements/0/style'],
    ['a button to nowhere', [a.actions(a.button({ url: 'not a url' }))], 'bad_format', '/blocks/0/elements/0/url'],
    [
      'a confirm dialog without text',
      [a.actions(a.button({ confirm: {} }))],
      'missing_field',
      '/blocks/0/elements/0/confirm',
    ],
    [
      'options and option groups',
      [a.section({ accessory: a.select({ option_groups: [] }) })],
      'too_few',
      '/blocks/0/accessory/option_groups',
    ],
    [
      'neither options nor groups',
      [a.section({ accessory: { type: 'static_select' } })],
      'conflict',
      '/blocks/0/accessory',
    ],
    [
      'an initial option that is none',
      [a.section({ accessory: a.select({ initial_option: a.option(7) }) })],
      'not_in_list',
      '/blocks/0/accessory/initial_option',
    ],
    [
      'checked boxes that are none',
      [a.actions({ type: 'checkboxes', options: [a.option()], initial_options: [a.option(3)] })],
      'not_in_list',
      '/blocks/0/elements/0/initial_options',
    ],
    [
      'mrkdwn in a menu',
      [a.section({ accessory: a.select({ options: [a.option(0, { text: a.mrkdwn() })] }) })],
      'unknown_type',
      '/blocks/0/accessory/options/0/text/type',
    ],
    [
      'a picture with two sources',
      [{ type: 'image', ...a.picture({ slack_file: { id: 'F1' } }) }],
      'conflict',
      '/blocks/0',
    ],
    ['a picture without words', [{ type: 'image', image_url: 'https://x.io/a.png' }], 'missing_field', '/blocks/0'],
    [
      'a date that is none',
      [a.actions({ type: 'datepicker', initial_date: '2026-13-01' })],
      'bad_format',
      '/blocks/0/elements/0/initial_date',
    ],
    [
      'a time that is none',
      [a.actions({ type: 'timepicker', initial_time: '24:00' })],
      'bad_format',
      '/blocks/0/elements/0/initial_time',
    ],
    [
      'a least length above the greatest',
      [a.input({ type: 'plain_text_input', min_length: 9, max_length: 8 })],
      'conflict',
      '/blocks/0/element/min_length',
    ],
    ['a number input without its kind', [a.input({ type: 'number_input' })], 'missing_field', '/blocks/0/element'],
    [
      'a pie with nothing in it',
      [a.pie([{ label: 'l', value: 0 }])],
      'out_of_range',
      '/blocks/0/chart/segments/0/value',
    ],
    [
      'two series of one name',
      [a.lineChart(1, [a.series(1), a.series(1)])],
      'duplicate',
      '/blocks/0/chart/series/1/name',
    ],
    ['a series that misses a category', [a.lineChart(2, [a.series(1)])], 'conflict', '/blocks/0/chart/series/0/data'],
    [
      'a collapsed container that cannot open',
      [a.container([a.section()], { default_collapsed: true })],
      'conflict',
      '/blocks/0/default_collapsed',
    ],
    ['a card with nothing on it', [{ type: 'card', subtitle: a.mrkdwn() }], 'missing_field', '/blocks/0'],
  ])('Refuses %s', (_what, blocks, code, pointer) => {
    expect(firstIn(blocks)).toEqual([code, pointer])
  })

  it('Takes options that start selected, alone and in groups', () => {
    const grouped = { type: 'static_select', option_groups: [{ label: a.plain(), options: [a.option(1)] }] }
    const blocks = [
      a.section({ accessory: a.select({ initial_option: a.option() }) }),
      a.section({ accessory: { ...grouped, initial_option: a.option(1) } }),
    ]
    expect(firstIn(blocks)).toBeUndefined()
  })
})

describe('Rules over a whole payload', () => {
  it('A block_id is used once, also inside containers', () => {
    const blocks = [a.section({ block_id: 'a' }), a.container([a.section({ block_id: 'a' })])]
    expect(firstIn(blocks)).toEqual(['duplicate', '/blocks/1/child_blocks/0/block_id'])
  })

  it('An action_id is used once in a block, and may come again in the next', () => {
    const twice = a.actions(a.button({ action_id: 'go' }), a.button({ action_id: 'go' }))
    expect(firstIn([twice])).toEqual(['duplicate', '/blocks/0/elements/1/action_id'])
    expect(
      firstIn([a.actions(a.button({ action_id: 'go' })), a.actions(a.button({ action_id: 'go' }))]),
    ).toBeUndefined()
  })

  it('One element alone takes the focus', () => {
    const focused = a.input({ type: 'plain_text_input', focus_on_load: true })
    expect(firstIn([focused, focused])).toEqual(['duplicate', '/blocks/1/element/focus_on_load'])
  })

  it('All markdown of a message counts together', () => {
    const half = { type: 'markdown', text: a.letters(6001) }
    expect(firstIn([half, half])).toEqual(['too_long', '/blocks'])
  })

  it('Pointers escape what JSON pointers must', () => {
    expect(
      validateMessage({ text: 'x', metadata: { event_type: 'e', event_payload: { 'a/b~c': {} } } })[0]?.pointer,
    ).toBe('/metadata/event_payload/a~1b~0c')
  })
})

describe('Views', () => {
  const input = a.input({ type: 'plain_text_input' })

  it('A modal with inputs needs a submit button', () => {
    expect(validateView(a.modal({ blocks: [input] })).map(slackLine)).toEqual([
      '[ERROR] must define `submit` to use an `input` block in modals [json-pointer:/view]',
    ])
    expect(validateView(a.modal({ blocks: [input], submit: a.plain() }))).toEqual([])
  })

  it('App Home may hold inputs, but no title and no buttons of a modal', () => {
    expect(validateView(a.home({ blocks: [input] }))).toEqual([])
    expect(validateView(a.home({ title: a.plain() }))[0]).toMatchObject({ code: 'unknown_field', pointer: '/view' })
  })

  it('A modal needs a title, and every view a known type', () => {
    expect(validateView({ type: 'modal', blocks: [] })[0]).toMatchObject({ code: 'missing_field', constraint: 'title' })
    expect(validateView({ type: 'page', blocks: [] })[0]).toMatchObject({ code: 'unknown_type', pointer: '/view/type' })
    expect(validateView('modal')[0]).toMatchObject({ code: 'wrong_type', pointer: '/view' })
  })

  it('A view of more than 250 KB is too large, counted in bytes', () => {
    const wide = a.section({ text: a.mrkdwn('ü'.repeat(2900)) })
    expect(validateView(a.home({ blocks: a.times(42, () => wide) }))).toEqual([])
    expect(validateView(a.home({ blocks: a.times(43, () => wide) }))[0]).toMatchObject({ code: 'view_too_large' })
  })
})

describe('Messages', () => {
  it('A post needs text, blocks or attachments; an update may leave all as they were', () => {
    expect(validateMessage({})[0]).toMatchObject({ code: 'no_text', pointer: '/text' })
    expect(validateMessage({ blocks: [] })[0]).toMatchObject({ code: 'no_text' })
    expect(validateMessage({ blocks: [a.section()] })).toEqual([])
    expect(validateMessage({ update: true })).toEqual([])
    expect(validateMessage({ text: 'x', blocks: null, attachments: null, metadata: null })).toEqual([])
  })

  it('Metadata is an event with a flat payload; an empty object clears it', () => {
    const event = (payload: unknown) => ({ text: 'x', metadata: { event_type: 'run', event_payload: payload } })
    expect(validateMessage(event({ run: 'r1', round: 2, last: false }))).toEqual([])
    expect(validateMessage(event({ run: { id: 1 } }))[0]).toMatchObject({ code: 'not_flat' })
    expect(validateMessage({ text: 'x', metadata: {} })).toEqual([])
    expect(validateMessage({ text: 'x', metadata: { event_type: 'run' } })[0]).toMatchObject({ code: 'missing_field' })
  })

  it('Blocks of attachments are held to the same rules', () => {
    const [found] = validateMessage({ text: 'x', attachments: [{}, { blocks: [{ type: 'alert', text: a.plain() }] }] })
    expect(found).toMatchObject({ code: 'not_allowed_here', pointer: '/attachments/1/blocks/0' })
  })
})

describe('Answers of an external select', () => {
  it('Are at most 100 options, held to the limits of any other menu', () => {
    expect(validateOptions({ options: [] })).toEqual([])
    expect(validateOptions({ options: a.times(100, a.option) })).toEqual([])
    expect(validateOptions({ options: a.times(101, a.option) })[0]).toMatchObject({ pointer: '/options' })
    expect(validateOptions({ options: [a.option(0, { text: a.plain(a.letters(76)) })] })[0]?.pointer).toBe(
      '/options/0/text/text',
    )
  })

  it('Are options or groups, not both and not neither', () => {
    expect(validateOptions({ option_groups: [{ label: a.plain(), options: [a.option()] }] })).toEqual([])
    expect(validateOptions({ options: [], option_groups: [] })[0]).toMatchObject({ code: 'conflict', pointer: '' })
    expect(validateOptions(undefined)[0]).toMatchObject({ code: 'wrong_type' })
  })
})
