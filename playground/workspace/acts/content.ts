import { slackLine, type Violation, validateMessage } from '../blocks/validate.js'
import { withIds } from '../elements/elements.js'
import type { Block } from '../protocol.js'
import { refuse, refuseWith } from '../refusal.js'
import type { Json, MessageRow } from '../state/rows.js'
import { toRichText } from '../text.js'
import type { World } from '../world.js'

/** What an app says in a message, as it arrived. */
export type Said = {
  text?: string
  blocks?: unknown
  attachments?: unknown
  metadata?: unknown
  markdown_text?: string
}

export type Content = Pick<MessageRow, 'text' | 'blocks' | 'blocks_made' | 'attachments' | 'metadata'>

const LONGEST_TEXT = 40_000

/** Checks what an app wants to say and makes it a message's content; refuses in Slack's words. */
export function contentOf(world: World, said: Said, options: { update?: boolean } = {}): Content {
  if (said.markdown_text !== undefined) return contentOf(world, fromMarkdown(said), options)
  const { blocks, attachments, metadata } = said
  check(said, options.update ?? false)
  const text = cut(said.text ?? '')
  if (!text && isEmpty(blocks) && isEmpty(attachments)) refuse('no_text')
  return { text, ...blocksOf(world, blocks, text), ...attachmentsOf(world, attachments), ...metadataOf(metadata) }
}

/** The name under which the app speaks. */
export function asApp(world: World): Pick<MessageRow, 'user' | 'bot_id' | 'app_id'> {
  const { app } = world
  return { user: app.bot_user_id, bot_id: app.bot_id, app_id: app.id }
}

/** True for nothing, an empty list and an empty text. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function fromMarkdown({ markdown_text, text, blocks, ...rest }: Said): Said {
  if (text || !isEmpty(blocks)) refuse('markdown_text_conflict')
  if ((markdown_text ?? '').length > 12_000) refuse('msg_too_long')
  return { ...rest, text: markdown_text, blocks: [{ type: 'markdown', text: markdown_text }] }
}

function check(said: Said, update: boolean): void {
  if (!isEmpty(said.blocks) && !Array.isArray(said.blocks)) refuse('invalid_blocks_format')
  if (!isEmpty(said.attachments) && !Array.isArray(said.attachments)) refuse('invalid_attachments')
  const violations = validateMessage({ ...said, text: update ? said.text : cut(said.text ?? ''), update })
  if (violations.length > 0) refuseWith(codeOf(violations), violations.map(slackLine))
}

// A rule that has its own error in Slack is named by the validator with that error.
function codeOf([first]: Violation[]): string {
  const own = new Set(['msg_too_long', 'msg_blocks_too_long', 'too_many_attachments', 'metadata_too_large', 'no_text'])
  if (first && own.has(first.code)) return first.code
  const place = first?.pointer.split('/')[1]
  if (place === 'metadata') return 'invalid_metadata_format'
  return place === 'text' ? 'invalid_arguments' : 'invalid_blocks'
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text
}

function blocksOf(world: World, blocks: unknown, text: string): Pick<Content, 'blocks' | 'blocks_made'> {
  if (!isEmpty(blocks)) return { blocks: withIds(blocks as Block[], shortId(world)) }
  if (!text) return {}
  return { blocks: withIds([toRichText(text)], shortId(world)), blocks_made: true }
}

function attachmentsOf(world: World, attachments: unknown): Pick<Content, 'attachments'> {
  if (isEmpty(attachments)) return {}
  return {
    attachments: (attachments as Json[]).map((attachment, index) => ({
      id: index + 1,
      ...attachment,
      ...(Array.isArray(attachment.blocks) && { blocks: withIds(attachment.blocks as Block[], shortId(world)) }),
    })),
  }
}

function metadataOf(metadata: unknown): Pick<Content, 'metadata'> {
  if (isEmpty(metadata)) return {}
  if (typeof metadata !== 'object') refuse('invalid_metadata_format')
  return { metadata: metadata as Json }
}

/** Makes ids for blocks and elements as short as Slack's own. */
export function shortId(world: World): () => string {
  return () => world.state.ids.next('').slice(0, 5)
}
