import { slackLine, type Violation } from './violation.js'

export { slackLine, type Violation }
export type Surface = 'message' | 'modal' | 'home'

/** What a message method was given; `update: true` holds `text` to the shorter limit of chat.update. */
export type MessageInput = {
  text?: unknown
  blocks?: unknown
  attachments?: unknown
  metadata?: unknown
  update?: boolean
}

/** Every rule of Block Kit that `blocks` breaks on that surface; pointers start at `/blocks`. */
export function validateBlocks(_blocks: unknown, _surface: Surface): Violation[] {
  return []
}

/** Every rule that a modal or Home view breaks; pointers start at `/view`. */
export function validateView(_view: unknown): Violation[] {
  return []
}

/** Every rule that a message breaks; pointers start at `/text`, `/blocks`, `/attachments` or `/metadata`. */
export function validateMessage(_message: MessageInput): Violation[] {
  return []
}
