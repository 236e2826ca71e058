import { createHmac } from 'node:crypto'

/** The two headers by which an app tells that a request comes from its workspace; `seconds` is the time of sending. */
export function signedHeaders(body: string, signingSecret: string, seconds: number): Record<string, string> {
  const digest = createHmac('sha256', signingSecret).update(`v0:${seconds}:${body}`).digest('hex')
  return { 'x-slack-request-timestamp': String(seconds), 'x-slack-signature': `v0=${digest}` }
}
