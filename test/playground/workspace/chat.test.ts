import { afterAll, describe, expect, it } from 'vitest'
import { startTestWorkspace } from './started.js'

const { workspace, control, client, rita, marco, gus } = await startTestWorkspace()
afterAll(() => workspace.close())

const channel = 'C0RELEASES'
const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } })
const refusal = (call: Promise<unknown>) => call.then(() => 'ok').catch((error) => error.data?.error ?? String(error))

describe('chat.postMessage', () => {
  it('answers with the message as Slack shapes a post of an app', async () => {
    const { ts, message } = await client.chat.postMessage({ channel, text: 'Hello *there*' })
    expect(ts).toMatch(/^\d{10}\.\d{6}$/)
    const profile = { id: 'B0SHIPMATE', app_id: 'A0SHIPMATE', name: 'Shipmate' }
    expect(message).toMatchObject({
      user: 'U0SHIPMATE',
      bot_id: 'B0SHIPMATE',
      app_id: 'A0SHIPMATE',
      bot_profile: profile,
    })
    expect(message?.blocks?.[0]).toMatchObject({ type: 'rich_text' })
  })

  it('gives ids to blocks and elements that have none', async () => {
    const button = { type: 'button' as const, text: { type: 'plain_text' as const, text: 'Go' } }
    const { message } = await client.chat.postMessage({
      channel,
      text: 'x',
      blocks: [{ type: 'actions', elements: [button] }],
    })
    expect(message?.blocks?.[0]).toMatchObject({ block_id: expect.any(String) })
    expect(JSON.stringify(message?.blocks)).toContain('action_id')
  })

  it('cuts text at 40,000 characters and refuses nothing to say', async () => {
    const { message } = await client.chat.postMessage({ channel, text: 'x'.repeat(40_005) })
    expect(message?.text).toHaveLength(40_000)
    expect(await refusal(client.chat.postMessage({ channel, text: '' }))).toBe('no_text')
  })

  it('obeys membership, archives and privacy', async () => {
    expect(await refusal(client.chat.postMessage({ channel: 'C0RANDOM', text: 'x' }))).toBe('not_in_channel')
    expect(await refusal(client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' }))).toBe('channel_not_found')
    const made = await client.conversations.create({ name: 'short-lived' })
    await client.conversations.archive({ channel: made.channel?.id ?? '' })
    expect(await refusal(client.chat.postMessage({ channel: made.channel?.id ?? '', text: 'x' }))).toBe('is_archived')
  })

  it('takes a channel by its name and a person as their direct messages', async () => {
    expect((await client.chat.postMessage({ channel: '#releases', text: 'x' })).channel).toBe(channel)
    await client.chat.postMessage({ channel: 'U0RITA', text: 'Psst' })
    expect(await rita.seeMessage('shipmate', /Psst/)).toMatchObject({ channel: 'D0RITA' })
  })

  it('replies to a parent, never to a reply', async () => {
    const { ts } = await client.chat.postMessage({ channel, text: 'Parent' })
    const reply = await client.chat.postMessage({ channel, text: 'Reply', thread_ts: ts })
    expect(await refusal(client.chat.postMessage({ channel, text: 'x', thread_ts: reply.ts }))).toBe(
      'cannot_reply_to_message',
    )
    expect(await rita.seeMessage(channel, /^Parent/)).toMatchObject({ reply_count: 1, latest_reply: reply.ts })
    expect((await rita.messages(channel)).map((row) => row.ts)).not.toContain(reply.ts)
    expect((await rita.thread(channel, ts ?? '')).map((row) => row.text)).toEqual(['Parent', 'Reply'])
  })

  it('refuses markdown beside text, and blocks that Slack would refuse', async () => {
    const both = client.chat.postMessage({ channel, text: 'x', markdown_text: '# x' })
    expect(await refusal(both)).toBe('markdown_text_conflict')
    expect(await refusal(client.chat.postMessage({ channel, text: 'x', blocks: [section('y'.repeat(3001))] }))).toBe(
      'invalid_blocks',
    )
  })
})

describe('chat.update', () => {
  const posted = async (text = 'One') =>
    (await client.chat.postMessage({ channel, text, blocks: [section(text)] })).ts ?? ''

  it('changes text and blocks in place', async () => {
    const ts = await posted()
    await client.chat.update({ channel, ts, text: 'Two', blocks: [section('Two')] })
    const seen = (await rita.messages(channel)).find((row) => row.ts === ts)
    expect(seen).toMatchObject({ text: 'Two', blocks: [section('Two')] })
    expect(seen?.edited).toBeUndefined()
  })

  it('drops the blocks when only text comes, and keeps both when neither comes', async () => {
    const ts = await posted()
    const kept = await client.chat.update({
      channel,
      ts,
      metadata: { event_type: 'run', event_payload: { id: 1 } },
    } as never)
    expect(Object(kept.message).blocks[0]).toMatchObject(section('One'))
    const { message } = await client.chat.update({ channel, ts, text: 'Three' })
    expect(Object(message).blocks[0].type).toBe('rich_text')
    expect(Object(message).edited).toBeDefined()
    expect(Object(message).metadata).toMatchObject({ event_type: 'run' })
  })

  it('refuses text above 4,000 characters, messages of others, and none', async () => {
    const ts = await posted()
    expect(await refusal(client.chat.update({ channel, ts, text: 'x'.repeat(4001) }))).toBe('msg_too_long')
    const { ts: hers = '' } = await rita.send(channel, 'Mine')
    expect(await refusal(client.chat.update({ channel, ts: hers, text: 'x' }))).toBe('cant_update_message')
    expect(await refusal(client.chat.delete({ channel, ts: hers }))).toBe('cant_delete_message')
    expect(await refusal(client.chat.update({ channel, ts: '1.000000', text: 'x' }))).toBe('message_not_found')
  })
})

describe('chat.delete', () => {
  it('takes a message away, and leaves a tombstone over replies', async () => {
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'Away' })
    await client.chat.delete({ channel, ts })
    expect((await rita.messages(channel)).some((row) => row.ts === ts)).toBe(false)
    const parent = (await client.chat.postMessage({ channel, text: 'Parent' })).ts ?? ''
    await client.chat.postMessage({ channel, text: 'Reply', thread_ts: parent })
    await client.chat.delete({ channel, ts: parent })
    expect((await rita.thread(channel, parent))[0]).toMatchObject({ subtype: 'tombstone' })
  })
})

describe('chat.postEphemeral', () => {
  it('shows a message to one member alone, which can be neither updated nor found', async () => {
    const { message_ts = '' } = await client.chat.postEphemeral({ channel, user: 'U0RITA', text: 'Only you' })
    expect(await rita.seeMessage(channel, /Only you/)).toMatchObject({ ephemeral: true })
    expect((await marco.messages(channel)).some((row) => row.ts === message_ts)).toBe(false)
    expect(await refusal(client.chat.update({ channel, ts: message_ts, text: 'x' }))).toBe('message_not_found')
    const outsider = client.chat.postEphemeral({ channel: 'C0INCIDENTS', user: gus.id, text: 'x' })
    expect(await refusal(outsider)).toBe('user_not_in_channel')
  })
})

describe('a scheduled message', () => {
  it('appears when its time has come, and not when it was deleted', async () => {
    const post_at = (await seconds()) + 120
    await client.chat.scheduleMessage({ channel, text: 'Later', post_at })
    const other = await client.chat.scheduleMessage({ channel, text: 'Never', post_at })
    await client.chat.deleteScheduledMessage({ channel, scheduled_message_id: other.scheduled_message_id ?? '' })
    expect((await client.chat.scheduledMessages.list({ channel })).scheduled_messages).toHaveLength(1)
    await control.advance(121_000)
    await rita.seeMessage(channel, /^Later/)
    expect((await rita.messages(channel)).some((row) => row.text === 'Never')).toBe(false)
  })

  it('is refused in the past and more than 120 days ahead', async () => {
    const now = await seconds()
    const at = (post_at: number) => refusal(client.chat.scheduleMessage({ channel, text: 'x', post_at }))
    expect([await at(now - 5), await at(now + 121 * 86_400)]).toEqual(['time_in_past', 'time_too_far'])
  })

  const seconds = async () => Math.floor((await control.get<{ now_ms: number }>('/workspace')).now_ms / 1000)
})
