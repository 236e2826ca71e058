import { z } from 'zod'
import { changeCanvas, createCanvas, deleteCanvas, sectionsFrom } from '../acts/canvases.js'
import { refuse } from '../refusal.js'
import { channelCanvas } from '../shapes/canvas.js'
import type { CanvasRow } from '../state/rows.js'
import { unfitForCanvas } from '../text/canvas-markdown.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { channelById, needMember, needOpen } from './found.js'
import type { Family } from './method.js'

const content = z.object({ type: z.literal('markdown'), markdown: z.string() })

const section_id = z.string().min(1)
const change = z.discriminatedUnion('operation', [
  z.object({ operation: z.literal('insert_at_start'), document_content: content }),
  z.object({ operation: z.literal('insert_at_end'), document_content: content }),
  z.object({ operation: z.literal('insert_before'), section_id, document_content: content }),
  z.object({ operation: z.literal('insert_after'), section_id, document_content: content }),
  // Without a section the whole of it is written anew.
  z.object({ operation: z.literal('replace'), section_id: section_id.optional(), document_content: content }),
  z.object({ operation: z.literal('delete'), section_id }),
  z.object({ operation: z.literal('rename'), title_content: content }),
])
type Change = z.output<typeof change>

const criteria = z
  .object({
    section_types: z.array(z.enum(['h1', 'h2', 'h3', 'any_header'])).optional(),
    contains_text: z.string().optional(),
  })
  .refine((one) => one.section_types !== undefined || one.contains_text !== undefined)

export const canvasMethods: Family = {
  // A private channel is not found by who is not in it; a public one needs no membership.
  'conversations.canvases.create': (world, args) => {
    const channel = channelById(world, args.text('channel_id'))
    needOpen(channel)
    if (channelCanvas(world, channel.id)) refuse('channel_canvas_already_exists')
    return created(world, args, { kind: 'channel', channel: channel.id })
  },

  'canvases.create': (world, args) => {
    if (!args.has('channel_id')) return created(world, args, { kind: 'alone' })
    const channel = channelById(world, args.text('channel_id'))
    needMember(world, channel)
    needOpen(channel)
    return created(world, args, { kind: 'tab', channel: channel.id })
  },

  'canvases.edit': (world, args) => {
    const row = canvasArg(world, args)
    const [wanted] = parsed(z.array(change).length(1), args.json('changes'))
    if (!wanted) return refuse('invalid_arguments')
    if (wanted.operation === 'rename') {
      changeCanvas(world, row, { title: wanted.title_content.markdown }, world.app.bot_user_id)
      return {}
    }
    const sections = changed(world, row.sections, wanted)
    const unfit = unfitForCanvas(sections.map(({ markdown }) => markdown).join('\n\n'))
    if (unfit?.kind === 'too large') refuse('canvas_too_large')
    if (unfit) refuse('canvas_editing_failed', { detail: unfit.detail })
    changeCanvas(world, row, { sections }, world.app.bot_user_id)
    return {}
  },

  'canvases.delete': (world, args) => {
    deleteCanvas(world, canvasArg(world, args))
    return {}
  },

  'canvases.sections.lookup': (world, args) => {
    const row = canvasArg(world, args)
    const { section_types = [], contains_text } = parsed(criteria, args.json('criteria'))
    const fits = ({ markdown }: CanvasRow['sections'][number]) => {
      const depth = /^(#{1,3})\s/.exec(markdown)?.[1]?.length
      const isOne = section_types.some((type) => (type === 'any_header' ? depth !== undefined : type === `h${depth}`))
      return (section_types.length === 0 || isOne) && (contains_text === undefined || markdown.includes(contains_text))
    }
    return { sections: row.sections.filter(fits).map(({ id }) => ({ id })) }
  },
}

function created(world: World, args: Args, place: Pick<CanvasRow, 'kind' | 'channel'>) {
  const given = args.json('document_content')
  const markdown = given === undefined ? '' : parsed(content, given).markdown
  const unfit = unfitForCanvas(markdown)
  if (unfit) refuse('canvas_creation_failed', { detail: unfit.detail })
  const { id } = createCanvas(world, { ...place, title: args.text('title'), markdown, user: world.app.bot_user_id })
  return { canvas_id: id }
}

function canvasArg(world: World, args: Args): CanvasRow {
  return world.state.canvases.get(args.text('canvas_id')) ?? refuse('canvas_not_found')
}

function changed(world: World, sections: CanvasRow['sections'], wanted: Exclude<Change, { operation: 'rename' }>) {
  const fresh = 'document_content' in wanted ? sectionsFrom(world, wanted.document_content.markdown) : []
  if (wanted.operation === 'insert_at_start') return [...fresh, ...sections]
  if (wanted.operation === 'insert_at_end') return [...sections, ...fresh]
  if (wanted.operation === 'replace' && wanted.section_id === undefined) return fresh
  const at = sections.findIndex(({ id }) => id === wanted.section_id)
  if (at < 0) return refuse('canvas_editing_failed', { detail: 'section not found' })
  const [before, after] = [sections.slice(0, at), sections.slice(at + 1)]
  const here = sections.slice(at, at + 1)
  switch (wanted.operation) {
    case 'insert_before':
      return [...before, ...fresh, ...here, ...after]
    case 'insert_after':
      return [...before, ...here, ...fresh, ...after]
    default:
      return [...before, ...fresh, ...after]
  }
}

/** Refuses in Slack's words what is not of this shape. */
function parsed<T>(shape: z.ZodType<T>, given: unknown): T {
  const read = shape.safeParse(given)
  if (read.success) return read.data
  const messages = read.error.issues.map(({ path, message }) => `[ERROR] ${message} [json-pointer:/${path.join('/')}]`)
  return refuse('invalid_arguments', { response_metadata: { messages } })
}
