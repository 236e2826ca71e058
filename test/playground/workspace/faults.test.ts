import { WebClient } from '@slack/web-api'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.js'
import { silent, startBoltApp, startTestWorkspace } from './started.js'

const { workspace, control, client, rita } = await startTestWorkspace()
const heard: string[] = []
const app = await startBoltApp(workspace, (bolt) => {
  bolt.command('/deploy', async ({ ack, command }) => {
    heard.push(command.trigger_id)
    await ack()
  })
})
afterAll(async () => {
  await app.stop()
  await workspace.close()
})
beforeEach(() => heard.splice(0))
afterEach(() => control.clearFaults())

const channel = 'C0RELEASES'
const post = (text: string) => client.chat.postMessage({ channel, text })
const posted = async (text: string) => (await rita.messages(channel)).filter((row) => row.text === text).length

describe('an ordered fault', () => {
  it('answers 429 with Retry-After, once, on that method alone', async () => {
    await control.fault({ kind: '429', method: 'chat.postMessage', retry_after_s: 7 })
    expect((await client.auth.test()).ok).toBe(true)
    await expect(post('limited')).rejects.toMatchObject({ retryAfter: 7 })
    expect((await post('limited')).ok).toBe(true)
  })

  it('answers 503 as often as it was told to, without doing the work', async () => {
    await control.fault({ kind: '5xx', method: 'chat.postMessage', times: 2 })
    await expect(post('unavailable')).rejects.toMatchObject({ statusCode: 503 })
    await expect(post('unavailable')).rejects.toMatchObject({ statusCode: 503 })
    expect(await posted('unavailable')).toBe(0)
  })

  it('answers with an error of Slack’s', async () => {
    await control.fault({ kind: 'error', method: 'chat.postMessage', error: 'is_archived' })
    await expect(post('x')).rejects.toMatchObject({ data: { error: 'is_archived' } })
  })

  it('drops the connection after the work, or refuses it before', async () => {
    await control.fault({ kind: 'drop', method: 'chat.postMessage' })
    await expect(post('dropped')).rejects.toMatchObject({ code: 'slack_webapi_request_error' })
    await control.fault({ kind: 'refuse', method: 'chat.postMessage' })
    await expect(post('refused')).rejects.toMatchObject({ code: 'slack_webapi_request_error' })
    expect([await posted('dropped'), await posted('refused')]).toEqual([1, 0])
  })

  it('answers slowly, so that a client with a time limit posts twice', async () => {
    const slackApiUrl = `${workspace.url}/api/`
    const hasty = new WebClient('xoxb-playground', {
      slackApiUrl,
      timeout: 200,
      retryConfig: { retries: 1, minTimeout: 10 },
      logger: silent,
    })
    await control.fault({ kind: 'slow', method: 'chat.postMessage', delay_ms: 600 })
    await hasty.chat.postMessage({ channel, text: 'twice' })
    await waitFor('both posts', async () => (await posted('twice')) === 2)
  })

  it('reaches response urls too', async () => {
    await rita.send(channel, '/deploy prod')
    const { response_url } = Object((await control.deliveries('slash_commands')).at(-1)?.payload)
    await control.fault({ kind: '5xx', method: 'response_url' })
    const say = () =>
      fetch(response_url, { method: 'POST', body: '{"text":"x"}', headers: { 'content-type': 'application/json' } })
    expect([(await say()).status, (await say()).status]).toEqual([503, 200])
  })

  it('delivers a command twice', async () => {
    await control.fault({ kind: 'duplicate-delivery', method: '/deploy' })
    await rita.send(channel, '/deploy prod')
    await waitFor('both deliveries', () => heard.length === 2)
    expect(heard[0]).toBe(heard[1])
  })

  it('delivers a command after the person was told that it failed', async () => {
    await control.fault({ kind: 'late-delivery', method: '/deploy', delay_ms: 10_000 })
    const reply = rita.send(channel, '/deploy prod')
    await waitFor('the order is used', async () => (await control.calls()).length > 0)
    await advanceUntil(reply)
    expect((await reply).notice).toContain('operation_timeout')
    await control.advance(10_000)
    await waitFor('the late delivery', () => heard.length === 1)
  })
})

describe('a redelivery', () => {
  it('sends the very payload again', async () => {
    await rita.send(channel, '/deploy prod')
    const { seq = 0 } = (await control.deliveries('slash_commands')).at(-1) ?? {}
    await control.redeliver(seq, 2)
    expect(heard).toHaveLength(3)
    expect(new Set(heard).size).toBe(1)
    expect((await control.deliveries('slash_commands')).at(-1)).toMatchObject({ retry: 2, outcome: 'acked' })
  })
})

describe('rate limits', () => {
  it('allow about one message a second and channel, with a short burst, and say how long to wait', async () => {
    await control.limits(true)
    const results = await Promise.allSettled(Array.from({ length: 12 }, (_, number) => post(`burst ${number}`)))
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.reason).toMatchObject({
      code: 'slack_webapi_rate_limited_error',
      retryAfter: expect.any(Number),
    })
    await control.advance(refused[0]?.reason.retryAfter * 1000)
    expect((await post('afterwards')).ok).toBe(true)
    await control.limits(false)
  })
})

/** The clock is moved again and again, since the command may not have arrived at the first time. */
async function advanceUntil(reply: Promise<unknown>): Promise<void> {
  let settled = false
  void reply.then(() => {
    settled = true
  })
  await waitFor('the reply', async () => {
    await control.advance(1000)
    return settled
  })
}
