/**
 * The figures of Block Kit, all of them and only here: characters of a string, items of a list.
 * https://docs.slack.dev/reference/block-kit
 */
export const limits = {
  blocks: { message: 50, modal: 100, home: 100 },
  id: 255,
  url: 3000,
  textObject: 3000,

  actions: 25,
  alertText: 200,
  card: { title: 150, body: 200, actions: 3 },
  carouselCards: 10,
  container: { title: 150, blocks: 10 },
  context: 10,
  contextActions: 5,
  headerText: 150,
  headerLevel: 4,
  image: { alt: 2000, title: 2000 },
  input: { label: 2000, hint: 2000 },
  /** All markdown blocks of one payload together. */
  markdown: 12_000,
  section: { text: 3000, fields: 10, field: 2000 },
  /** `characters` counts all tables of one message together. */
  table: { rows: 100, cells: 20, columns: 20, characters: 10_000 },
  /** The first row is the header. */
  dataTable: { minRows: 2, rows: 201, cells: 20, pageSize: 100, characters: 20_000 },
  chart: {
    perMessage: 2,
    title: 50,
    segments: 12,
    series: 12,
    points: 20,
    label: 20,
    axisLabel: 50,
  },
  video: { title: 199, author: 49, description: 200, alt: 2000 },
  richTextIndent: 8,

  button: { text: 75, value: 2000, accessibility: 75 },
  select: { options: 100, groups: 100, placeholder: 150 },
  option: { text: 75, value: 150, description: 75 },
  optionGroupLabel: 75,
  overflow: 5,
  choices: 10,
  confirm: { title: 100, text: 300, button: 30 },
  plainTextInput: 3000,
  richTextInputLines: 100,
  files: 10,

  view: { title: 24, metadata: 3000, bytes: 250_000 },
  message: { text: 40_000, updatedText: 4_000, attachments: 100 },
} as const
