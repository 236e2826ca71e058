/** Small valid parts of Block Kit for the tests of the validator. */
export type Part = { [field: string]: unknown }

export const plain = (text = 'x'): Part => ({ type: 'plain_text', text })
export const mrkdwn = (text = 'x'): Part => ({ type: 'mrkdwn', text })
export const letters = (count: number) => 'x'.repeat(count)
export const times = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => item(i))

export const option = (index = 0, more: Part = {}): Part => ({ text: plain(`o${index}`), value: `v${index}`, ...more })
export const button = (more: Part = {}): Part => ({ type: 'button', text: plain(), ...more })
export const select = (more: Part = {}): Part => ({ type: 'static_select', options: [option()], ...more })
export const confirm = (more: Part = {}): Part => ({ text: mrkdwn(), ...more })
export const picture = (more: Part = {}): Part => ({ image_url: 'https://x.io/a.png', alt_text: 'a', ...more })

export const section = (more: Part = {}): Part => ({ type: 'section', text: mrkdwn(), ...more })
export const actions = (...elements: Part[]): Part => ({ type: 'actions', elements })
export const input = (element: Part, more: Part = {}): Part => ({ type: 'input', label: plain(), element, ...more })
export const richText = (...elements: Part[]): Part => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: elements.length > 0 ? elements : [{ type: 'text', text: 'x' }] }],
})
export const rawText = (text = 'x'): Part => ({ type: 'raw_text', text })
export const table = (rows: Part[][] = [[rawText()]]): Part => ({ type: 'table', rows })
export const dataTable = (more: Part = {}): Part => ({
  type: 'data_table',
  caption: 'c',
  rows: [[rawText()], [rawText()]],
  ...more,
})
export const series = (points: number, name = 's'): Part => ({
  name,
  data: times(points, (index) => ({ label: `p${index}`, value: index })),
})
export const lineChart = (points: number, all: Part[]): Part => ({
  type: 'data_visualization',
  title: 't',
  chart: { type: 'line', series: all, axis_config: { categories: times(points, (index) => `c${index}`) } },
})
export const pie = (segments: Part[], title = 't'): Part => ({
  type: 'data_visualization',
  title,
  chart: { type: 'pie', segments },
})
export const card = (more: Part = {}): Part => ({ type: 'card', title: mrkdwn(), ...more })
export const container = (children: Part[], more: Part = {}): Part => ({
  type: 'container',
  title: plain(),
  child_blocks: children,
  ...more,
})
export const taskCard = (more: Part = {}): Part => ({
  type: 'task_card',
  task_id: 't',
  title: 't',
  status: 'complete',
  ...more,
})
export const modal = (more: Part = {}): Part => ({ type: 'modal', title: plain(), blocks: [], ...more })
export const home = (more: Part = {}): Part => ({ type: 'home', blocks: [], ...more })

/** One valid block of every kind. */
export const oneOfEach: { [type: string]: Part } = {
  actions: actions(button()),
  alert: { type: 'alert', text: plain() },
  card: card(),
  carousel: { type: 'carousel', elements: [card()] },
  container: container([section()]),
  context: { type: 'context', elements: [mrkdwn()] },
  context_actions: { type: 'context_actions', elements: [{ type: 'icon_button', icon: 'trash', text: plain() }] },
  data_table: dataTable(),
  data_visualization: pie([{ label: 'a', value: 1 }]),
  divider: { type: 'divider' },
  header: { type: 'header', text: plain() },
  image: { type: 'image', ...picture() },
  input: input({ type: 'plain_text_input' }),
  markdown: { type: 'markdown', text: '# x' },
  plan: { type: 'plan', title: 'p', tasks: [taskCard({ status: 'pending' })] },
  rich_text: richText(),
  section: section(),
  table: table(),
  task_card: taskCard(),
  video: {
    type: 'video',
    title: plain(),
    alt_text: 'v',
    video_url: 'https://x.io/v',
    thumbnail_url: 'https://x.io/t.png',
  },
}
