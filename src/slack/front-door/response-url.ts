import { timeLimit } from '../../clock.js'

const slackHosts = new Set(['https://hooks.slack.com', 'https://hooks.slack-gov.com'])

/** Whether an answer may go there: to Slack, or to one of `origins` (that of a local workspace). Nowhere else. */
export function allowedResponseUrl(url: unknown, origins: string[] = []): url is string {
  if (typeof url !== 'string') return false
  if (url.startsWith('https://hooks.slack.com/')) return true
  if (!URL.canParse(url)) return false
  const { origin, username, password } = new URL(url)
  return username === '' && password === '' && (slackHosts.has(origin) || origins.includes(origin))
}

/** Posts once. Rejects when it was not taken, so that the one who answers can look for another way. */
export async function postToResponseUrl(url: string, answer: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer),
    redirect: 'error',
    signal: timeLimit(10_000),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`the response_url answered ${response.status}`)
}
