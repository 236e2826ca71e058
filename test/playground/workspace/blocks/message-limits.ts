import * as a from './samples.js'

/** What is limited, to how many, where the violation points, and a payload with exactly that many. */
export type Row = [what: string, max: number, pointer: string, build: (count: number) => unknown, min?: number]

const option = (field: string) => (n: number) => [
  a.section({
    accessory: a.select({
      options: [a.option(0, { [field]: field === 'value' ? a.letters(n) : a.plain(a.letters(n)) })],
    }),
  }),
]
const confirm = (field: string) => (n: number) => [
  a.actions(a.button({ confirm: a.confirm({ [field]: a.plain(a.letters(n)) }) })),
]
const element = (build: (n: number) => a.Part) => (n: number) => [a.input(build(n))]

/** Of every block and element, on the surface that takes it. */
export const inMessages: Row[] = [
  ['blocks of a message', 50, '/blocks', (n) => a.times(n, () => ({ type: 'divider' })), 0],
  ['block_id', 255, '/blocks/0/block_id', (n) => [{ type: 'divider', block_id: a.letters(n) }]],
  ['action_id', 255, '/blocks/0/elements/0/action_id', (n) => [a.actions(a.button({ action_id: a.letters(n) }))]],
  ['elements of actions', 25, '/blocks/0/elements', (n) => [a.actions(...a.times(n, () => a.button()))]],
  [
    'elements of context',
    10,
    '/blocks/0/elements',
    (n) => [{ type: 'context', elements: a.times(n, () => a.mrkdwn()) }],
  ],
  [
    'elements of context_actions',
    5,
    '/blocks/0/elements',
    (n) => [
      {
        type: 'context_actions',
        elements: a.times(n, () => ({ type: 'icon_button', icon: 'trash', text: a.plain() })),
      },
    ],
  ],
  ['text of a header', 150, '/blocks/0/text/text', (n) => [{ type: 'header', text: a.plain(a.letters(n)) }]],
  ['level of a header', 4, '/blocks/0/level', (n) => [{ type: 'header', text: a.plain(), level: n }]],
  ['text of a section', 3000, '/blocks/0/text/text', (n) => [a.section({ text: a.mrkdwn(a.letters(n)) })]],
  ['fields of a section', 10, '/blocks/0/fields', (n) => [{ type: 'section', fields: a.times(n, () => a.mrkdwn()) }]],
  ['text of a field', 2000, '/blocks/0/fields/0/text', (n) => [{ type: 'section', fields: [a.mrkdwn(a.letters(n))] }]],
  [
    'text in a context',
    3000,
    '/blocks/0/elements/0/text',
    (n) => [{ type: 'context', elements: [a.plain(a.letters(n))] }],
  ],
  ['markdown', 12_000, '/blocks/0/text', (n) => [{ type: 'markdown', text: a.letters(n) }]],
  [
    'alt_text of an image',
    2000,
    '/blocks/0/alt_text',
    (n) => [{ type: 'image', ...a.picture({ alt_text: a.letters(n) }) }],
  ],
  [
    'title of an image',
    2000,
    '/blocks/0/title/text',
    (n) => [{ type: 'image', ...a.picture({ title: a.plain(a.letters(n)) }) }],
  ],
  [
    'url of an image',
    3000,
    '/blocks/0/image_url',
    (n) => [{ type: 'image', ...a.picture({ image_url: `https://x.io/${a.letters(n - 13)}` }) }],
    14,
  ],
  ['label of an input', 2000, '/blocks/0/label/text', (n) => [a.input(a.select(), { label: a.plain(a.letters(n)) })]],
  ['hint of an input', 2000, '/blocks/0/hint/text', (n) => [a.input(a.select(), { hint: a.plain(a.letters(n)) })]],
  [
    'text of a button',
    75,
    '/blocks/0/elements/0/text/text',
    (n) => [a.actions(a.button({ text: a.plain(a.letters(n)) }))],
  ],
  ['value of a button', 2000, '/blocks/0/elements/0/value', (n) => [a.actions(a.button({ value: a.letters(n) }))], 0],
  [
    'url of a button',
    3000,
    '/blocks/0/elements/0/url',
    (n) => [a.actions(a.button({ url: `https://x.io/${a.letters(n - 13)}` }))],
    14,
  ],
  [
    'accessibility_label of a button',
    75,
    '/blocks/0/elements/0/accessibility_label',
    (n) => [a.actions(a.button({ accessibility_label: a.letters(n) }))],
    0,
  ],
  [
    'options of a select',
    100,
    '/blocks/0/accessory/options',
    (n) => [a.section({ accessory: a.select({ options: a.times(n, a.option) }) })],
  ],
  [
    'option groups of a select',
    100,
    '/blocks/0/accessory/option_groups',
    (n) => [
      a.section({
        accessory: {
          type: 'static_select',
          option_groups: a.times(n, () => ({ label: a.plain(), options: [a.option()] })),
        },
      }),
    ],
  ],
  [
    'label of an option group',
    75,
    '/blocks/0/accessory/option_groups/0/label/text',
    (n) => [
      a.section({
        accessory: { type: 'static_select', option_groups: [{ label: a.plain(a.letters(n)), options: [a.option()] }] },
      }),
    ],
  ],
  [
    'placeholder of a select',
    150,
    '/blocks/0/accessory/placeholder/text',
    (n) => [a.section({ accessory: a.select({ placeholder: a.plain(a.letters(n)) }) })],
  ],
  ['text of an option', 75, '/blocks/0/accessory/options/0/text/text', option('text')],
  ['value of an option', 150, '/blocks/0/accessory/options/0/value', option('value'), 0],
  ['description of an option', 75, '/blocks/0/accessory/options/0/description/text', option('description')],
  [
    'options of an overflow',
    5,
    '/blocks/0/elements/0/options',
    (n) => [a.actions({ type: 'overflow', options: a.times(n, a.option) })],
  ],
  [
    'options of checkboxes',
    10,
    '/blocks/0/elements/0/options',
    (n) => [a.actions({ type: 'checkboxes', options: a.times(n, a.option) })],
  ],
  [
    'options of radio buttons',
    10,
    '/blocks/0/elements/0/options',
    (n) => [a.actions({ type: 'radio_buttons', options: a.times(n, a.option) })],
  ],
  ['title of a confirm dialog', 100, '/blocks/0/elements/0/confirm/title/text', confirm('title')],
  ['text of a confirm dialog', 300, '/blocks/0/elements/0/confirm/text/text', confirm('text')],
  ['confirm of a confirm dialog', 30, '/blocks/0/elements/0/confirm/confirm/text', confirm('confirm')],
  ['deny of a confirm dialog', 30, '/blocks/0/elements/0/confirm/deny/text', confirm('deny')],
  [
    'max_length of a text input',
    3000,
    '/blocks/0/element/max_length',
    element((n) => ({ type: 'plain_text_input', max_length: n })),
  ],
  [
    'min_length of a text input',
    3000,
    '/blocks/0/element/min_length',
    element((n) => ({ type: 'plain_text_input', min_length: n })),
    0,
  ],
  [
    'placeholder of a text input',
    150,
    '/blocks/0/element/placeholder/text',
    element((n) => ({ type: 'plain_text_input', placeholder: a.plain(a.letters(n)) })),
  ],
  [
    'max_files of a file input',
    10,
    '/blocks/0/element/max_files',
    element((n) => ({ type: 'file_input', max_files: n })),
  ],
  ['rows of a table', 100, '/blocks/0/rows', (n) => [a.table(a.times(n, () => [a.rawText()]))]],
  ['cells of a row', 20, '/blocks/0/rows/0', (n) => [a.table([a.times(n, () => a.rawText())])]],
  [
    'characters of all tables',
    10_000,
    '/blocks',
    (n) => [a.table([[a.rawText(a.letters(n - 1))]]), a.table([[a.rawText('x')]])],
  ],
  [
    'column settings',
    20,
    '/blocks/0/column_settings',
    (n) => [{ ...a.table(), column_settings: a.times(n, () => ({ align: 'left' })) }],
  ],
  ['rows of a data table', 201, '/blocks/0/rows', (n) => [a.dataTable({ rows: a.times(n, () => [a.rawText()]) })], 2],
  [
    'columns of a data table',
    20,
    '/blocks/0/rows/0',
    (n) => [a.dataTable({ rows: [a.times(n, () => a.rawText()), a.times(Math.min(n, 20), () => a.rawText())] })],
  ],
  ['page_size of a data table', 100, '/blocks/0/page_size', (n) => [a.dataTable({ page_size: n })]],
  [
    'characters of a data table',
    20_000,
    '/blocks/0/rows',
    (n) => [a.dataTable({ rows: [[a.rawText('')], [a.rawText(a.letters(n))]] })],
  ],
  ['charts of a message', 2, '/blocks', (n) => a.times(n, () => a.pie([{ label: 'l', value: 1 }])), 0],
  ['title of a chart', 50, '/blocks/0/title', (n) => [a.pie([{ label: 'l', value: 1 }], a.letters(n))]],
  [
    'segments of a pie',
    12,
    '/blocks/0/chart/segments',
    (n) => [a.pie(a.times(n, (i) => ({ label: `l${i}`, value: 1 })))],
  ],
  ['label of a segment', 20, '/blocks/0/chart/segments/0/label', (n) => [a.pie([{ label: a.letters(n), value: 1 }])]],
  [
    'series of a chart',
    12,
    '/blocks/0/chart/series',
    (n) => [
      a.lineChart(
        1,
        a.times(n, (i) => a.series(1, `s${i}`)),
      ),
    ],
  ],
  ['points of a series', 20, '/blocks/0/chart/series/0/data', (n) => [a.lineChart(n, [a.series(n)])]],
  ['title of a card', 150, '/blocks/0/title/text', (n) => [a.card({ title: a.mrkdwn(a.letters(n)) })]],
  ['body of a card', 200, '/blocks/0/body/text', (n) => [a.card({ body: a.mrkdwn(a.letters(n)) })]],
  ['buttons of a card', 3, '/blocks/0/actions', (n) => [a.card({ actions: a.times(n, () => a.button()) })]],
  [
    'cards of a carousel',
    10,
    '/blocks/0/elements',
    (n) => [{ type: 'carousel', elements: a.times(n, () => a.card()) }],
  ],
  ['blocks of a container', 10, '/blocks/0/child_blocks', (n) => [a.container(a.times(n, () => a.section()))]],
  [
    'title of a container',
    150,
    '/blocks/0/title/text',
    (n) => [a.container([a.section()], { title: a.plain(a.letters(n)) })],
  ],
  [
    'indent of a list',
    8,
    '/blocks/0/elements/0/indent',
    (n) => [{ type: 'rich_text', elements: [{ type: 'rich_text_list', style: 'bullet', elements: [], indent: n }] }],
    0,
  ],
]
