import { afterAll, describe, expect, it } from 'vitest'
import { startTestWorkspace } from './started.js'

const { workspace, client, rita } = await startTestWorkspace()
afterAll(() => workspace.close())

const channel = 'C0INCIDENTS'
const refusal = (call: Promise<unknown>) => call.then(() => 'ok').catch((error) => error.data?.error ?? String(error))
const { ts: timestamp = '' } = await client.chat.postMessage({ channel, text: 'INC-1' })

describe('reactions', () => {
  it('count who gave them, each person once', async () => {
    await client.reactions.add({ channel, timestamp, name: 'eyes' })
    await rita.react(channel, timestamp, 'eyes')
    expect(await refusal(client.reactions.add({ channel, timestamp, name: 'eyes' }))).toBe('already_reacted')
    const { message } = await client.reactions.get({ channel, timestamp })
    expect(message?.reactions).toEqual([{ name: 'eyes', users: ['U0SHIPMATE', 'U0RITA'], count: 2 }])
    await client.reactions.remove({ channel, timestamp, name: 'eyes' })
    expect(await refusal(client.reactions.remove({ channel, timestamp, name: 'eyes' }))).toBe('no_reaction')
    expect(await refusal(client.reactions.add({ channel, timestamp, name: ':eyes:' }))).toBe('invalid_name')
  })
})

describe('pins', () => {
  it('mark messages of a channel', async () => {
    await client.pins.add({ channel, timestamp })
    expect(await refusal(client.pins.add({ channel, timestamp }))).toBe('already_pinned')
    expect(Object((await client.pins.list({ channel })).items?.[0]).message.text).toBe('INC-1')
    expect((await rita.channel('incidents')).pins).toEqual([timestamp])
    await client.pins.remove({ channel, timestamp })
    expect(await refusal(client.pins.remove({ channel, timestamp }))).toBe('no_pin')
  })
})

describe('bookmarks', () => {
  it('are added, changed, listed and removed', async () => {
    const link = 'https://status.storefront.example/'
    const added = await client.bookmarks.add({ channel_id: channel, title: 'Status', type: 'link', link })
    const bookmark_id = added.bookmark?.id ?? ''
    await client.bookmarks.edit({ channel_id: channel, bookmark_id, title: 'Status page' })
    expect((await rita.channel('incidents')).bookmarks).toMatchObject([{ title: 'Status page', link }])
    await client.bookmarks.remove({ channel_id: channel, bookmark_id })
    expect((await client.bookmarks.list({ channel_id: channel })).bookmarks).toEqual([])
    const wrong = client.bookmarks.add({ channel_id: channel, title: 'x', type: 'link', link: 'no link' })
    expect(await refusal(wrong)).toBe('invalid_link')
  })
})

describe('files', () => {
  it('are uploaded in three steps, shared, and read back with the token', async () => {
    const content = 'line 1\nline 2\n'
    await client.filesUploadV2({ channel_id: channel, filename: 'deploy.log', content, initial_comment: 'The log' })
    const message = await rita.seeMessage('incidents', /The log/)
    expect(message.files).toMatchObject([{ name: 'deploy.log', mimetype: 'text/plain', size: content.length }])
    const shown = await fetch(`${workspace.url}${message.files?.[0]?.url}`)
    expect([shown.headers.get('x-content-type-options'), await shown.text()]).toEqual(['nosniff', content])

    const { file } = await client.files.info({ file: message.files?.[0]?.id ?? '' })
    const read = (headers = {}) => fetch(file?.url_private ?? '', { headers })
    expect((await read()).status).toBe(403)
    expect(await (await read({ authorization: 'Bearer xoxb-playground' })).text()).toBe(content)
    expect((await client.files.list({ channel })).files).toHaveLength(1)
    await client.files.delete({ file: file?.id ?? '' })
    expect(await refusal(client.files.info({ file: file?.id ?? '' }))).toBe('file_not_found')
  })
})
