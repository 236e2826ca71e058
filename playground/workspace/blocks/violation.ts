/** One thing Slack would refuse in a message or view, in the shape `blocks.validate` answers. */
export type Violation = {
  /** Short snake_case name of the rule, for example `too_long` or `missing_field`. */
  code: string
  message: string
  /** JSON pointer into what was given, for example `/blocks/0/text/text`. */
  pointer: string
  /** The limit or the allowed values, when the rule has one. */
  constraint?: string
}

/** The line Slack puts into `response_metadata.messages`. */
export function slackLine(violation: Violation): string {
  return `[ERROR] ${violation.message} [json-pointer:${violation.pointer}]`
}
