/** What Slack's refusal of a message means for telling it again. */
export type Meaning =
  /** The message is gone: post it anew. */
  | 'gone'
  /** The place does not take it: somebody must invite the app or mend the operator's file. */
  | 'place'
  /** The token: nothing can be told until it is mended. */
  | 'token'
  /** The drawing itself: it would be refused again. */
  | 'drawing'
  | 'other'

const meanings: { [error: string]: Meaning } = {
  message_not_found: 'gone',
  cant_update_message: 'gone',
  edit_window_closed: 'gone',
  thread_not_found: 'gone',
  not_in_channel: 'place',
  channel_not_found: 'place',
  is_archived: 'place',
  restricted_action: 'place',
  user_not_found: 'place',
  not_authed: 'token',
  invalid_auth: 'token',
  account_inactive: 'token',
  token_revoked: 'token',
  token_expired: 'token',
  missing_scope: 'token',
  invalid_blocks: 'drawing',
  invalid_arguments: 'drawing',
  msg_too_long: 'drawing',
  msg_blocks_too_long: 'drawing',
  no_text: 'drawing',
}

export const meaningOf = (error: string): Meaning => meanings[error] ?? 'other'

/** One line for health and log: where, what Slack said, and what to do. */
export function adviceOn(error: string, channel: string): string {
  switch (error) {
    case 'not_in_channel':
      return `Slack refuses messages in ${channel} (not_in_channel). Invite the app there: /invite @shipmate.`
    case 'channel_not_found':
      return `Slack does not find ${channel} (channel_not_found). Check the channel id in the operator's file, and invite the app if it is private.`
    case 'is_archived':
      return `${channel} is archived (is_archived). Unarchive it or name another channel in the operator's file.`
    case 'missing_scope':
      return 'The app lacks a scope (missing_scope). Install it again with the current manifest.yml.'
    default:
      return meaningOf(error) === 'token' ? tokenAdvice(error) : `Slack refused a message in ${channel} (${error}).`
  }
}

/** What to do about a bot token that Slack does not take. */
export function tokenAdvice(error: string): string {
  return `Slack does not accept SLACK_BOT_TOKEN (${error}). Open https://api.slack.com/apps, choose the app, copy the Bot User OAuth Token from "OAuth & Permissions", set SLACK_BOT_TOKEN and start again.`
}
