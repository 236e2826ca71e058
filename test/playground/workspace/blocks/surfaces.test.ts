import { describe, expect, it } from 'vitest'
import { type Surface, validateBlocks } from '../../../../playground/workspace/blocks/validate.js'
import * as a from './samples.js'

const everywhere = ['message', 'modal', 'home']
const surfaces: { [type: string]: string[] } = {
  alert: ['modal'],
  card: ['message', 'home'],
  carousel: ['message', 'home'],
  container: ['message', 'home'],
  context_actions: ['message'],
  data_table: ['message', 'home'],
  data_visualization: ['message'],
  markdown: ['message'],
  plan: ['message'],
  table: ['message', 'home'],
  task_card: ['message'],
}

describe('Blocks stand only where Slack lets them', () => {
  const cases = Object.entries(a.oneOfEach).flatMap(([type, block]) =>
    everywhere.map((surface) => ({ type, block, surface, allowed: (surfaces[type] ?? everywhere).includes(surface) })),
  )

  it.each(cases)('$type on $surface: $allowed', ({ block, surface, allowed }) => {
    const found = validateBlocks([block], surface as Surface)
    expect(found.map(({ code, pointer }) => ({ code, pointer }))).toEqual(
      allowed ? [] : [{ code: 'not_allowed_here', pointer: '/blocks/0' }],
    )
  })

  it('A file block can be read back, never sent', () => {
    const file = { type: 'file', source: 'remote', external_id: 'f' }
    expect(validateBlocks([file], 'message')[0]).toMatchObject({ code: 'not_allowed_here', pointer: '/blocks/0' })
  })

  it.each([
    ['an unknown block', [{ type: 'banner' }], '/blocks/0/type'],
    ['a block without a type', [{}], '/blocks/0'],
    ['a block that is no object', ['x'], '/blocks/0'],
    ['blocks that are no list', '[]', '/blocks'],
    ['an inherited name as a type', [{ type: 'constructor' }], '/blocks/0/type'],
    ['a text input among actions', [a.actions({ type: 'plain_text_input' })], '/blocks/0/elements/0/type'],
    [
      'a date and time picker beside a section',
      [a.section({ accessory: { type: 'datetimepicker' } })],
      '/blocks/0/accessory/type',
    ],
    ['a button as an input', [a.input(a.button())], '/blocks/0/element/type'],
    ['a button in a context', [{ type: 'context', elements: [a.button()] }], '/blocks/0/elements/0/type'],
    ['a container in a container', [a.container([a.container([a.section()])])], '/blocks/0/child_blocks/0/type'],
    ['a waiting task outside a plan', [a.taskCard({ status: 'pending' })], '/blocks/0/status'],
    ['mrkdwn in a header', [{ type: 'header', text: a.mrkdwn() }], '/blocks/0/text/type'],
    ['mrkdwn on a button', [a.actions(a.button({ text: a.mrkdwn() }))], '/blocks/0/elements/0/text/type'],
    [
      'rich text in the header of a data table',
      [a.dataTable({ rows: [[a.richText()], [a.rawText()]] })],
      '/blocks/0/rows/0/0/type',
    ],
  ])('Refuses %s', (_what, blocks, pointer) => {
    expect(validateBlocks(blocks, 'message')[0]?.pointer).toBe(pointer)
  })
})
