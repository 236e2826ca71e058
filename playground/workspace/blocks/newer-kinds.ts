import { chart } from './chart.js'
import {
  boolean,
  byType,
  type Check,
  type Fields,
  integer,
  list,
  number,
  oneOf,
  type Place,
  report,
  shape,
  string,
  url,
  within,
} from './check.js'
import { element } from './elements.js'
import type { Kind } from './kinds.js'
import { limits } from './limits.js'
import { picture, plain, text } from './objects.js'
import { richText } from './rich-text.js'

const many = Number.MAX_SAFE_INTEGER
const inContainers = [
  'actions',
  'context',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'rich_text',
  'section',
  'table',
  'video',
]

/** The kinds added since 2024; Slack takes each of them on some surfaces only. */
export function newerKinds(block: (allowed?: readonly string[]) => Check): { [type: string]: Kind } {
  return {
    alert: {
      on: ['modal'],
      fields: {
        text: text(limits.alertText),
        'level?': oneOf('default', 'info', 'warning', 'error', 'success'),
      },
    },
    card: { on: ['message', 'home'], fields: cardFields, also: someContent },
    carousel: {
      on: ['message', 'home'],
      fields: { elements: list(byType({ card: card() }), limits.carouselCards) },
    },
    container: { on: ['message', 'home'], fields: containerFields(block), also: titled },
    context_actions: {
      on: ['message'],
      fields: { elements: list(element('contextActions'), limits.contextActions) },
    },
    data_table: { on: ['message', 'home'], fields: dataTableFields, also: evenRows },
    data_visualization: { on: ['message'], fields: { title: string(limits.chart.title, 1), chart } },
    // Slack shows file blocks in what it returns and refuses them in what it is given.
    file: { on: [], fields: { source: oneOf('remote'), external_id: string(limits.id, 1) } },
    plan: {
      on: ['message'],
      fields: { title: string(limits.textObject, 1), 'tasks?': list(byType({ task_card: task('pending') }), many, 0) },
    },
    table: { on: ['message', 'home'], fields: tableFields },
    task_card: { on: ['message'], fields: taskFields() },
    video: { on: ['message', 'modal', 'home'], fields: videoFields },
  }
}

const cardFields = {
  'hero_image?': picture,
  'icon?': picture,
  'slack_icon?': shape({ type: oneOf('icon'), name: string(limits.id, 1) }),
  'title?': text(limits.card.title),
  'subtitle?': text(limits.card.title),
  'body?': text(limits.card.body),
  'subtext?': text(limits.card.body),
  'actions?': list(element('card'), limits.card.actions),
}

function card(): Check {
  return shape({ type: oneOf('card'), 'block_id?': string(limits.id, 1), ...cardFields }, someContent)
}

function someContent(block: Fields, place: Place): void {
  if (['hero_image', 'title', 'actions', 'body'].some((name) => block[name] !== undefined)) return
  report(place, 'missing_field', 'missing required field: hero_image, title, actions or body', 'any one')
}

function containerFields(block: (allowed?: readonly string[]) => Check): { [name: string]: Check } {
  return {
    'title?': plain(limits.container.title),
    'rich_text_title?': richText,
    'subtitle?': text(limits.container.title),
    child_blocks: list(block(inContainers), limits.container.blocks),
    'width?': oneOf('narrow', 'standard', 'wide', 'full'),
    'icon?': picture,
    'is_collapsible?': boolean,
    'default_collapsed?': boolean,
    'has_header_divider?': boolean,
  }
}

function titled(container: Fields, place: Place): void {
  if (container.title === undefined && container.rich_text_title === undefined) {
    report(place, 'missing_field', 'missing required field: title or rich_text_title', 'title or rich_text_title')
  }
  if (container.default_collapsed === true && container.is_collapsible !== true) {
    report(within(place, 'default_collapsed'), 'conflict', 'default_collapsed needs is_collapsible', 'is_collapsible')
  }
}

const rawText = shape({ type: oneOf('raw_text'), text: string(many) })
const rawNumber = shape({ type: oneOf('raw_number'), value: number(), 'text?': string(many) })
const cell = byType({ raw_text: rawText, raw_number: rawNumber, rich_text: richText })

const tableFields = {
  rows: list(list(cell, limits.table.cells), limits.table.rows),
  'column_settings?': list(
    shape({ 'align?': oneOf('left', 'center', 'right'), 'is_wrapped?': boolean }),
    limits.table.columns,
  ),
}

const dataTableFields = {
  caption: string(many, 1),
  rows: list(list(cell, limits.dataTable.cells), limits.dataTable.rows, limits.dataTable.minRows),
  'page_size?': integer(1, limits.dataTable.pageSize),
  'row_header_column_index?': integer(0, limits.dataTable.cells - 1),
}

function evenRows(table: Fields, place: Place): void {
  const rows = Array.isArray(table.rows) ? table.rows.filter(Array.isArray) : []
  const columns = rows[0]?.length ?? 0
  rows.forEach((row, index) => {
    if (row.length === columns) return
    report(
      within(within(place, 'rows'), index),
      'conflict',
      `must have ${columns} cells as the header has`,
      `${columns}`,
    )
  })
  const headerCells: unknown[] = rows[0] ?? []
  headerCells.forEach((each, index) => {
    if (typeof each !== 'object' || each === null || !('type' in each) || each.type !== 'rich_text') return
    const here = within(within(within(within(place, 'rows'), 0), index), 'type')
    report(here, 'unknown_type', 'unsupported type: rich_text', 'raw_text, raw_number')
  })
}

function taskFields(...more: string[]): { [name: string]: Check } {
  const source = byType({
    url: shape({ type: oneOf('url'), url: url(limits.url), text: string(limits.textObject, 1) }),
  })
  return {
    task_id: string(limits.id, 1),
    title: string(limits.textObject, 1),
    status: oneOf('in_progress', 'complete', 'error', ...more),
    'details?': richText,
    'output?': richText,
    'sources?': list(source, many, 0),
  }
}

function task(...more: string[]): Check {
  return shape({ type: oneOf('task_card'), 'block_id?': string(limits.id, 1), ...taskFields(...more) })
}

const videoFields = {
  video_url: url(limits.url),
  thumbnail_url: url(limits.url),
  alt_text: string(limits.video.alt, 1),
  title: plain(limits.video.title),
  'title_url?': url(limits.url),
  'author_name?': string(limits.video.author),
  'provider_name?': string(limits.video.author),
  'provider_icon_url?': url(limits.url),
  'description?': plain(limits.video.description),
}
