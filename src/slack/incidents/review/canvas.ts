import { z } from 'zod'
import { type GivenReview, nameOf } from '../../../incidents/incident.js'
import { ask } from '../room/speaking.js'
import { canvasOf } from './canvas-markdown.js'
import { noFile } from './file.js'
import { type Giving, mended, type Step, waitFor } from './giving.js'

type Canvas = Extract<GivenReview, { as: 'canvas' }>

/**
 * A channel has one canvas of its own and Slack makes it once. So it is looked for before one is asked for, and that one
 * was asked for is written down: what is there afterwards is ours, and what was there before is somebody else's.
 */
export function canvasStep(giving: Giving, channel: string, review: GivenReview | null): Promise<Step> {
  const canvas = review?.as === 'canvas' ? review : null
  return canvas?.id ? written(giving, { ...canvas, id: canvas.id }) : begun(giving, channel, canvas)
}

async function begun(giving: Giving, channel: string, asked: Canvas | null): Promise<Step> {
  const there = await channelCanvas(giving, channel)
  if (there.kind === 'later') return there
  if (there.kind === 'found') {
    if (!asked && !there.empty) return asFile('channel_canvas_already_exists')
    return { kind: 'go on', review: { as: 'canvas', id: there.id, version: 0, digest: '' } }
  }
  if (!asked) await giving.keep({ as: 'canvas', id: null, version: 0, digest: '' })
  return created(giving, channel)
}

async function created(giving: Giving, channel: string): Promise<Step> {
  const { parts, view, paper } = giving
  const { id, version } = view.incident
  const told = await ask(parts, 'conversations.canvases.create', {
    channel_id: channel,
    title: `Review of ${nameOf(id)}`,
    document_content: contentOf(paper.markdown),
  })
  if (told.kind === 'later') return told
  if (told.kind === 'ok')
    return {
      kind: 'stands',
      review: { as: 'canvas', id: String(told.data.canvas_id ?? ''), version, digest: paper.digest },
    }
  return waitFor(giving, told.error, ['channel_canvas_already_exists']) ?? asFile(told.error)
}

/** The whole of it anew: the same content twice is the same page. */
async function written(giving: Giving, canvas: Canvas & { id: string }): Promise<Step> {
  const { parts, view, paper } = giving
  const current = { ...canvas, version: view.incident.version, digest: paper.digest }
  if (canvas.digest === paper.digest) return { kind: 'stands', review: current }
  const changes = [{ operation: 'replace', document_content: contentOf(paper.markdown) }]
  const told = await ask(parts, 'canvases.edit', { canvas_id: canvas.id, changes })
  if (told.kind === 'later') return told
  if (told.kind === 'ok') return { kind: 'stands', review: current }
  // Somebody deleted it: another one is made.
  if (told.error === 'canvas_not_found') return { kind: 'go on', review: null }
  const wait = waitFor(giving, told.error, ['canvas_editing_locked'])
  if (wait) return wait
  // Nothing of ours was ever written there.
  if (canvas.digest === '') return asFile(told.error)
  const text = `The canvas with the review is not up to date: Slack says ${told.error}.`
  return { kind: 'trouble', text, next: mended(told.error), again: 'here' }
}

const contentOf = (markdown: string) => ({ type: 'markdown', markdown: canvasOf(markdown) })

const asFile = (why: string): Step => ({ kind: 'go on', review: noFile(why) })

const infoShape = z.object({
  channel: z.object({
    properties: z
      .object({ canvas: z.object({ file_id: z.string().min(1), is_empty: z.boolean().default(false) }).optional() })
      .optional()
      .catch(undefined),
  }),
})

type There = { kind: 'found'; id: string; empty: boolean } | { kind: 'none' } | { kind: 'later'; ms: number }

async function channelCanvas({ parts }: Giving, channel: string): Promise<There> {
  const told = await ask(parts, 'conversations.info', { channel })
  if (told.kind === 'later') return told
  const read = infoShape.safeParse(told.data)
  const canvas = read.success ? read.data.channel.properties?.canvas : undefined
  return canvas ? { kind: 'found', id: canvas.file_id, empty: canvas.is_empty } : { kind: 'none' }
}
