import {
  type MessageInput,
  slackLine,
  validateMessage,
  validateView,
} from '../../playground/workspace/blocks/validate.js'

/** Throws with every rule of Slack's that this message breaks. */
export function expectValidMessage(message: MessageInput): void {
  refuse('message', validateMessage(message).map(slackLine), message)
}

/** Throws with every rule of Slack's that this view breaks. */
export function expectValidView(view: unknown): void {
  refuse('view', validateView(view).map(slackLine), view)
}

function refuse(what: string, lines: string[], given: unknown): void {
  if (lines.length === 0) return
  throw new Error(`Slack would refuse this ${what}:\n${lines.join('\n')}\n${JSON.stringify(given, null, 2)}`)
}
