import { type Check, isObject, type Place, report, shape, string, within } from './check.js'
import { limits } from './limits.js'

/** What a message method was given; `update: true` is chat.update, which leaves out what stays as it was. */
export type MessageInput = {
  text?: unknown
  blocks?: unknown
  attachments?: unknown
  metadata?: unknown
  update?: boolean
}

export function message(input: MessageInput, blocks: Check, place: Place): void {
  checkText(input, within(place, 'text'))
  if (given(input.blocks)) blocks(input.blocks, within(place, 'blocks'))
  if (given(input.attachments)) checkAttachments(input.attachments, blocks, within(place, 'attachments'))
  if (given(input.metadata)) checkMetadata(input.metadata, within(place, 'metadata'))
}

// Slack takes null for left out.
const given = (value: unknown) => value !== undefined && value !== null

function checkText({ text, update, blocks, attachments }: MessageInput, place: Place): void {
  const empty = !text && !update && !hasItems(blocks) && !hasItems(attachments)
  if (empty) report(place, 'no_text', 'must have text, blocks or attachments', 'any one')
  if (given(text) && typeof text !== 'string') report(place, 'wrong_type', 'must provide a string')
  // A longer post is truncated by Slack without a word; a longer update is refused.
  const max = update ? limits.message.updatedText : limits.message.text
  if (typeof text === 'string' && text.length > max) {
    report(place, 'msg_too_long', `must be less than ${max + 1} characters`, `max ${max}`)
  }
}

const hasItems = (value: unknown) => Array.isArray(value) && value.length > 0

function checkAttachments(value: unknown, blocks: Check, place: Place): void {
  if (!Array.isArray(value)) report(place, 'wrong_type', 'must provide an array')
  else checkEach(value, blocks, place)
}

function checkEach(value: unknown[], blocks: Check, place: Place): void {
  const max = limits.message.attachments
  if (value.length > max) report(place, 'too_many_attachments', `no more than ${max} items allowed`, `max ${max}`)
  for (const [index, attachment] of value.entries()) {
    const here = within(place, index)
    if (!isObject(attachment)) report(here, 'wrong_type', 'must provide an object')
    else if (attachment.blocks !== undefined) blocks(attachment.blocks, within(here, 'blocks'))
  }
}

const flatPayload: Check = (value, place) => {
  if (!isObject(value)) return report(place, 'wrong_type', 'must provide an object')
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'object' && field !== null) {
      report(within(place, name), 'not_flat', 'must be a string, number or boolean', 'flat')
    }
  }
}

const withEvent = shape({ event_type: string(limits.id, 1), event_payload: flatPayload, 'entities?': () => {} })

function checkMetadata(value: unknown, place: Place): void {
  const clears = isObject(value) && Object.keys(value).length === 0
  if (!clears) withEvent(value, place)
}
