import { type Fields, isObject, type Place, report, within } from './check.js'
import { limits } from './limits.js'

/** Rules over all blocks of a payload at once: unique ids, and totals that several blocks share. */
export function checkTogether(blocks: unknown[], place: Place): void {
  const placed = placedBlocks(blocks, place)
  uniqueBlockIds(placed)
  for (const { block, at } of placed) uniqueActionIds(block, at)
  oneFocus(placed)
  sharedTotals(placed, place)
}

/** Whether a modal with these blocks has to have a submit button. */
export function hasInput(blocks: unknown[]): boolean {
  return placedBlocks(blocks, { pointer: '', surface: 'modal', found: [] }).some(({ block }) => block.type === 'input')
}

type Placed = { block: Fields; at: Place }

/** All blocks with their places; those inside containers, carousels and plans follow the block around them. */
function placedBlocks(blocks: unknown[], place: Place): Placed[] {
  return blocks.flatMap((block, index) => {
    if (!isObject(block)) return []
    const at = within(place, index)
    const inside = insideOf(block).flatMap(([name, children]) => placedBlocks(children, within(at, name)))
    return [{ block, at }, ...inside]
  })
}

function insideOf(block: Fields): [string, unknown[]][] {
  const names: { [type: string]: string } = { container: 'child_blocks', carousel: 'elements', plan: 'tasks' }
  const name = typeof block.type === 'string' ? names[block.type] : undefined
  const children = name === undefined ? undefined : block[name]
  return name !== undefined && Array.isArray(children) ? [[name, children]] : []
}

function uniqueBlockIds(placed: Placed[]): void {
  const seen = new Set<unknown>()
  for (const { block, at } of placed) {
    if (block.block_id === undefined) continue
    if (seen.has(block.block_id)) {
      report(within(at, 'block_id'), 'duplicate', `block_id must be unique: ${String(block.block_id)}`, 'unique')
    }
    seen.add(block.block_id)
  }
}

function uniqueActionIds(block: Fields, at: Place): void {
  const seen = new Set<unknown>()
  for (const { element, place } of elementsOf(block, at)) {
    if (element.action_id === undefined) continue
    if (seen.has(element.action_id)) {
      report(
        within(place, 'action_id'),
        'duplicate',
        `action_id must be unique: ${String(element.action_id)}`,
        'unique',
      )
    }
    seen.add(element.action_id)
  }
}

function oneFocus(placed: Placed[]): void {
  const focused = placed
    .flatMap(({ block, at }) => elementsOf(block, at))
    .filter(({ element }) => element.focus_on_load === true)
  for (const { place } of focused.slice(1)) {
    report(within(place, 'focus_on_load'), 'duplicate', 'only one element may have focus_on_load', 'one')
  }
}

function elementsOf(block: Fields, at: Place): { element: Fields; place: Place }[] {
  const name = block.type === 'card' ? 'actions' : 'elements'
  const listed = Array.isArray(block[name]) && insideOf(block).length === 0 ? (block[name] as unknown[]) : []
  const many = listed.map((element, index) => ({ element, place: within(within(at, name), index) }))
  const single = ['element', 'accessory'].map((key) => ({ element: block[key], place: within(at, key) }))
  return [...many, ...single].flatMap(({ element, place }) => (isObject(element) ? [{ element, place }] : []))
}

function sharedTotals(placed: Placed[], place: Place): void {
  const of = (type: string) => placed.filter(({ block }) => block.type === type)
  const together = (type: string, field: string, max: number) => {
    const blocks = of(type)
    const characters = sum(blocks.map(({ block }) => textLength(block[field])))
    if (characters <= max) return
    const [only] = blocks
    const at = blocks.length === 1 && only ? within(only.at, field) : place
    const message = `must be less than ${max + 1} characters, all ${type} blocks together`
    report(at, 'too_long', message, `max ${max}`)
  }
  together('markdown', 'text', limits.markdown)
  together('table', 'rows', limits.table.characters)
  together('data_table', 'rows', limits.dataTable.characters)
  const charts = limits.chart.perMessage
  if (of('data_visualization').length > charts) {
    report(place, 'too_many', `no more than ${charts} data_visualization blocks allowed`, `max ${charts}`)
  }
}

const sum = (figures: number[]) => figures.reduce((total, each) => total + each, 0)

/** The characters people see: `text` fields at any depth, and numbers that have none. */
function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (Array.isArray(value)) return sum(value.map(textLength))
  if (!isObject(value)) return 0
  if (value.type === 'raw_number' && value.text === undefined) return String(value.value).length
  return textLength(value.text) + textLength(value.elements)
}
