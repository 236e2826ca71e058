import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Surface,
  type Violation,
  validateBlocks,
  validateMessage,
  validateView,
} from '../../../../playground/workspace/blocks/validate.js'
import { inMessages, type Row } from './message-limits.js'
import * as a from './samples.js'

const inModals: Row[] = [
  ['text of an alert', 200, '/blocks/0/text/text', (n) => [{ type: 'alert', text: a.mrkdwn(a.letters(n)) }]],
  ['blocks of a modal', 100, '/blocks', (n) => a.times(n, () => ({ type: 'divider' })), 0],
]

const views: Row[] = [
  ['title of a modal', 24, '/view/title/text', (n) => a.modal({ title: a.plain(a.letters(n)) })],
  ['submit of a modal', 24, '/view/submit/text', (n) => a.modal({ submit: a.plain(a.letters(n)) })],
  ['close of a modal', 24, '/view/close/text', (n) => a.modal({ close: a.plain(a.letters(n)) })],
  [
    'private_metadata of a modal',
    3000,
    '/view/private_metadata',
    (n) => a.modal({ private_metadata: a.letters(n) }),
    0,
  ],
  [
    'private_metadata of App Home',
    3000,
    '/view/private_metadata',
    (n) => a.home({ private_metadata: a.letters(n) }),
    0,
  ],
  ['callback_id of a view', 255, '/view/callback_id', (n) => a.modal({ callback_id: a.letters(n) }), 0],
  ['external_id of a view', 255, '/view/external_id', (n) => a.home({ external_id: a.letters(n) }), 0],
  ['blocks of a modal', 100, '/view/blocks', (n) => a.modal({ blocks: a.times(n, () => a.section()) }), 0],
  ['blocks of App Home', 100, '/view/blocks', (n) => a.home({ blocks: a.times(n, () => a.section()) }), 0],
]

const messages: Row[] = [
  ['text of an update', 4000, '/text', (n) => ({ text: a.letters(n), update: true }), 0],
  ['text of a post', 40_000, '/text', (n) => ({ text: a.letters(n) })],
  ['attachments', 100, '/attachments', (n) => ({ text: 'x', attachments: a.times(n, () => ({ text: 'x' })) }), 0],
  [
    'blocks of an attachment',
    50,
    '/attachments/0/blocks',
    (n) => ({ text: 'x', attachments: [{ blocks: a.times(n, () => a.section()) }] }),
    0,
  ],
  [
    'event_type of metadata',
    255,
    '/metadata/event_type',
    (n) => ({ text: 'x', metadata: { event_type: a.letters(n), event_payload: {} } }),
  ],
]

const blocksOn = (surface: Surface) => (blocks: unknown) => validateBlocks(blocks, surface)
holds('A message', inMessages, blocksOn('message'))
holds('A modal', inModals, blocksOn('modal'))
holds('A view', views, validateView)
holds('A post or update', messages, (given) => validateMessage(given as Parameters<typeof validateMessage>[0]))

function holds(where: string, rows: Row[], validate: (given: unknown) => Violation[]) {
  describe(`${where} is held to Slack’s limits`, () => {
    it.each(rows)('%s: %i pass, one more does not', (_what, max, pointer, build, min = 1) => {
      expect(validate(build(max))).toEqual([])
      expect(validate(build(max + 1))[0]).toMatchObject({ pointer, constraint: `max ${max}` })
      const within = fc.property(fc.integer({ min, max }), (count) => validate(build(count)).length === 0)
      const beyond = fc.property(fc.integer({ min: max + 1, max: max * 2 }), (count) =>
        validate(build(count)).some((violation) => violation.pointer === pointer),
      )
      fc.assert(within, { numRuns: 20 })
      fc.assert(beyond, { numRuns: 20 })
    })
  })
}
