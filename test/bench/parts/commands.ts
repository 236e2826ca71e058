import { createHmac, randomBytes } from 'node:crypto'

export const signingSecret = 'bench-signing-secret'

/** A slash command as Slack sends it, each with a trigger of its own. */
export function commandFields(more: { [field: string]: string } = {}): { [field: string]: string } {
  const nonce = randomBytes(16).toString('hex')
  return {
    token: 'gIkuvaNzQIHg97ATvDxqgjtO',
    team_id: 'T0BENCH',
    team_domain: 'bench',
    channel_id: 'C0RELEASES',
    channel_name: 'releases',
    user_id: 'U0REQUESTER',
    user_name: 'requester',
    command: '/deploy',
    text: 'storefront prod v1.8.0',
    api_app_id: 'A0SHIPMATE',
    is_enterprise_install: 'false',
    response_url: `https://hooks.slack.com/commands/T0BENCH/${nonce.slice(0, 12)}/${nonce.slice(12)}`,
    trigger_id: `${Date.now()}.${nonce.slice(0, 12)}.${nonce}`,
    ...more,
  }
}

/** Whole HTTP requests, signed now. */
export function signedCommands(count: number, more: { [field: string]: string } = {}): Buffer[] {
  const timestamp = Math.floor(Date.now() / 1000)
  return Array.from({ length: count }, () => {
    const body = new URLSearchParams(commandFields(more)).toString()
    const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')
    return Buffer.from(
      [
        'POST /slack/events HTTP/1.1',
        'Host: 127.0.0.1',
        'User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)',
        'Accept: application/json,*/*',
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${Buffer.byteLength(body)}`,
        `X-Slack-Request-Timestamp: ${timestamp}`,
        `X-Slack-Signature: v0=${signature}`,
        '',
        body,
      ].join('\r\n'),
    )
  })
}
