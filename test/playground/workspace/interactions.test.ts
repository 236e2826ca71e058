import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.js'
import { startBoltApp, startTestWorkspace } from './started.js'

type Heard = { body: { [field: string]: unknown }; [field: string]: unknown }

const { workspace, control, client, rita, marco } = await startTestWorkspace()
const heard: Heard[] = []
const app = await startBoltApp(workspace, (bolt) => {
  bolt.action('approve', async ({ ack, body, action, respond }) => {
    heard.push({ body: body as never, action })
    await ack()
    await respond({ text: 'You approved.', response_type: 'ephemeral' })
  })
  bolt.action('silent', async ({ body }) => void heard.push({ body: body as never }))
  bolt.action('again', async ({ ack, body }) => {
    heard.push({ body: body as never })
    await ack()
  })
  bolt.action('version', async ({ ack, body, action }) => {
    heard.push({ body: body as never, action })
    await ack()
  })
})
afterAll(async () => {
  await app.stop()
  await workspace.close()
})
beforeEach(() => heard.splice(0))

const channel = 'C0RELEASES'
const button = (action_id: string, text: string) => ({
  type: 'button' as const,
  action_id,
  value: '482',
  text: { type: 'plain_text' as const, text },
})
const card = (...elements: ReturnType<typeof button>[]) => [{ type: 'actions' as const, block_id: 'answers', elements }]
const postCard = async (...elements: ReturnType<typeof button>[]) =>
  (await client.chat.postMessage({ channel, text: 'Approve?', blocks: card(...elements) })).ts ?? ''

async function respondTo(url: unknown, body: object) {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(String(url), init)
  return { status: response.status, body: Object(await response.json()) }
}

describe('a button in a message', () => {
  it('reaches the app with who, where, what and the whole message', async () => {
    const ts = await postCard(button('approve', 'Approve'))
    expect(await marco.click(channel, 'Approve')).toEqual({ ok: true })
    expect(heard[0]?.action).toMatchObject({ action_id: 'approve', block_id: 'answers', value: '482', type: 'button' })
    expect(heard[0]?.body).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0MARCO', username: 'marco', team_id: 'T0PLAYGROUND' },
      team: { id: 'T0PLAYGROUND', domain: 'storefront' },
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: 'releases' },
      message: { ts, bot_id: 'B0SHIPMATE', text: 'Approve?' },
      trigger_id: expect.any(String),
    })
    expect(await marco.seeMessage(channel, /You approved/)).toMatchObject({ ephemeral: true })
  })

  it('in an ephemeral message reaches the app without the message, which can be replaced and deleted', async () => {
    await client.chat.postEphemeral({ channel, user: 'U0RITA', text: 'Sure?', blocks: card(button('again', 'Sure')) })
    await rita.click(channel, 'Sure')
    expect(heard[0]?.body).toMatchObject({ container: { is_ephemeral: true } })
    expect(heard[0]?.body).not.toHaveProperty('message')
    const url = heard[0]?.body.response_url
    await respondTo(url, { replace_original: true, text: 'Then so be it.' })
    await rita.seeMessage(channel, /so be it/)
    expect(JSON.stringify(await rita.messages(channel))).not.toContain('Sure?')
    await respondTo(url, { delete_original: true })
    expect(JSON.stringify(await rita.messages(channel))).not.toContain('so be it')
  })

  it('that nobody acknowledges tells the person so after three seconds', async () => {
    await postCard(button('silent', 'Silent'))
    const reply = rita.click(channel, 'silent')
    await waitFor('the app heard it', () => heard.length > 0)
    await control.advance(3000)
    expect(await reply).toMatchObject({ ok: false, notice: expect.stringContaining('not responding') })
  })

  it('in an attachment names the attachment', async () => {
    await client.chat.postMessage({
      channel,
      text: 'x',
      attachments: [{ color: '#d64045', blocks: card(button('again', 'Red')) }],
    })
    await rita.click(channel, 'Red')
    expect(heard[0]?.body).toMatchObject({ container: { type: 'message_attachment', attachment_id: 1 } })
  })

  it('can be pressed only where it is', async () => {
    await postCard(button('again', 'Here'))
    await expect(rita.click(channel, 'Nowhere')).rejects.toThrow(/sees no Nowhere/)
    const other = { channel, message_ts: '1.000000', block_id: 'answers', action_id: 'again' }
    await expect(control.post('/as/U0RITA/click', other)).rejects.toThrow(/sees no message/)
  })
})

describe('a select in a message', () => {
  it('reports the option that was chosen, in the action and in the state', async () => {
    const option = (value: string) => ({ text: { type: 'plain_text' as const, text: value }, value })
    const placeholder = { type: 'plain_text' as const, text: 'Version' }
    const options = [option('v1.7.3'), option('v1.8.0')]
    const select = { type: 'static_select' as const, action_id: 'version', placeholder, options }
    await client.chat.postMessage({
      channel,
      text: 'Which?',
      blocks: [{ type: 'actions', block_id: 'b', elements: [select] }],
    })
    await rita.click(channel, 'version', { choose: { selected_option: options[1] } })
    expect(heard[0]?.action).toMatchObject({ type: 'static_select', selected_option: { value: 'v1.8.0' } })
    expect(Object(heard[0]?.body.state).values.b.version).toMatchObject({ selected_option: { value: 'v1.8.0' } })
  })
})

describe('a response url', () => {
  const pressed = async () => {
    await postCard(button('again', 'Again'))
    await rita.click(channel, 'Again')
    return heard[0]?.body.response_url
  }

  it('takes five messages and no sixth', async () => {
    const url = await pressed()
    for (let use = 1; use <= 5; use++) expect((await respondTo(url, { text: `use ${use}` })).status).toBe(200)
    expect(await respondTo(url, { text: 'use 6' })).toMatchObject({ status: 404, body: { error: 'used_url' } })
  })

  it('lives half an hour', async () => {
    const url = await pressed()
    await control.advance(29 * 60_000)
    expect((await respondTo(url, { text: 'in time' })).status).toBe(200)
    await control.advance(2 * 60_000)
    expect(await respondTo(url, { text: 'late' })).toMatchObject({ status: 404, body: { error: 'expired_url' } })
  })

  it('is ephemeral by default, replaces the original, speaks to the channel or in a thread', async () => {
    const url = await pressed()
    const ts = (await rita.seeMessage(channel, /Approve\?/)).ts
    await respondTo(url, { text: 'For you' })
    await respondTo(url, { text: 'For all', response_type: 'in_channel' })
    await respondTo(url, { text: 'In the thread', response_type: 'in_channel', thread_ts: ts })
    await respondTo(url, { text: 'Replaced', replace_original: true })
    const seen = await marco.messages(channel)
    expect(seen.some((row) => row.text === 'For you')).toBe(false)
    expect(seen.some((row) => row.text === 'For all')).toBe(true)
    expect(seen.find((row) => row.ts === ts)?.text).toBe('Replaced')
    expect((await marco.thread(channel, ts)).at(-1)?.text).toBe('In the thread')
  })

  it('refuses blocks that Slack would refuse', async () => {
    const url = await pressed()
    const refused = await respondTo(url, { text: 'x', blocks: [{ type: 'section' }] })
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_blocks' } })
  })
})
