import {
  type MessageInput,
  slackLine,
  validateMessage,
  validateView,
} from '../../playground/workspace/blocks/validate.js'

/** Throws with every rule of Slack's that this message breaks; blocks alone, without words for a lock screen, are one too. */
export function expectValidMessage(message: MessageInput): void {
  const lines = validateMessage(message).map(slackLine)
  const silent = !message.update && !message.text
  refuse(
    'message',
    silent ? [...lines, 'text is missing: a lock screen and a screen reader show nothing'] : lines,
    message,
  )
}

/** Throws with every rule of Slack's that this view breaks. */
export function expectValidView(view: unknown): void {
  refuse('view', validateView(view).map(slackLine), view)
}

function refuse(what: string, lines: string[], given: unknown): void {
  if (lines.length === 0) return
  throw new Error(`Slack would refuse this ${what}:\n${lines.join('\n')}\n${JSON.stringify(given, null, 2)}`)
}
