import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Change } from '../../../playground/workspace/protocol.js'
import { createPerson } from '../../support/person.js'
import { waitFor } from '../../support/wait-for.js'
import { startTestWorkspace } from './started.js'

const { workspace, control, client, rita, marco, gus } = await startTestWorkspace()
afterAll(() => workspace.close())

describe('the seeded workspace', () => {
  it('has its people, groups, channels and the app of the manifest', async () => {
    const seen = await control.get<{ people: { id: string }[]; groups: { handle: string }[]; app: object }>(
      '/workspace',
    )
    const people = ['U0RITA', 'U0MARCO', 'U0MINA', 'U0IVY', 'U0GUS', 'U0SHIPMATE']
    expect(seen.people.map((person) => person.id)).toEqual(people)
    expect(seen.groups.map((group) => group.handle)).toEqual(['release-managers', 'incident-commanders'])
    const deploy = { command: '/deploy', description: 'Deploy a service', usage_hint: '[service] <environment>' }
    expect(seen.app).toMatchObject({
      bot_user_id: 'U0SHIPMATE',
      commands: [deploy, { command: '/ops' }],
      connected: false,
    })
    const names = (await rita.channels()).map((row) => `${row.kind} ${row.name}`)
    expect(names.sort()).toEqual([
      'app shipmate',
      'channel general',
      'channel incidents',
      'channel random',
      'channel releases',
    ])
  })
})

describe('what a person sees', () => {
  it('counts what is new and what mentions them, until they read it', async () => {
    await client.chat.postMessage({ channel: 'C0RELEASES', text: 'For nobody' })
    const { ts = '' } = await client.chat.postMessage({ channel: 'C0RELEASES', text: 'Approve, <!subteam^S0RELEASE>?' })
    expect(await marco.channel('releases')).toMatchObject({ unread: 2, mentions: 1 })
    expect(await rita.channel('releases')).toMatchObject({ unread: 2, mentions: 0 })
    expect((await marco.seeMessage('releases', /Approve/)).mentions_me).toBe(true)
    await marco.read('releases', ts)
    expect(await marco.channel('releases')).toMatchObject({ unread: 0, mentions: 0, last_read: ts })
  })

  it('comes in pages from the newest back', async () => {
    const { id } = await rita.channel('random')
    for (const number of [1, 2, 3]) await rita.send('random', `number ${number}`)
    const page = (query: string) =>
      control.get<{ messages: { text: string; ts: string }[]; has_more: boolean }>(
        `/as/U0RITA/channels/${id}/messages?limit=2${query}`,
      )
    const newest = await page('')
    expect([newest.messages.map((row) => row.text), newest.has_more]).toEqual([['number 2', 'number 3'], true])
    const older = await page(`&before=${newest.messages[0]?.ts}`)
    expect([older.messages.map((row) => row.text), older.has_more]).toEqual([['number 1'], false])
  })

  it('changes as it happens', async () => {
    const stop = new AbortController()
    const response = await fetch(`${workspace.url}/_control/as/U0RITA/events`, { signal: stop.signal })
    const changes: Change[] = []
    void readChanges(response, changes)
    const { ts } = await client.chat.postMessage({ channel: 'C0RELEASES', text: 'News' })
    await waitFor('the change', () => changes.some((one) => one.kind === 'messages' && one.ts === ts))
    await client.chat.postEphemeral({ channel: 'C0RELEASES', user: 'U0MARCO', text: 'For Marco' })
    await client.conversations.setTopic({ channel: 'C0RELEASES', topic: 'x' })
    await waitFor('the next change', () => changes.some((one) => one.kind === 'channels'))
    expect(changes.filter((one) => one.kind === 'messages')).toHaveLength(2)
    stop.abort()
  })

  it('is nothing of channels that a guest is not in', async () => {
    await expect(gus.messages('C0INCIDENTS')).rejects.toThrow(/sees no conversation/)
    await expect(gus.join('C0INCIDENTS')).rejects.toThrow(/sees no conversation/)
  })
})

describe('what a person does', () => {
  it('is theirs alone: nobody edits or deletes the words of others', async () => {
    const { ts = '' } = await rita.send('releases', 'Mine')
    await expect(marco.edit('releases', ts, 'Yours')).rejects.toThrow(/did not write/)
    await expect(marco.delete('releases', ts)).rejects.toThrow(/did not write/)
  })

  it('needs them in the channel, and the channel open', async () => {
    await rita.leave('random')
    expect((await rita.send('random', 'x')).notice).toContain('not a member')
    await rita.join('random')
    expect((await rita.send('random', 'x')).ok).toBe(true)
  })

  it('reaches another person directly, unseen by the rest', async () => {
    const channel = await rita.im('U0MARCO')
    await rita.send(channel, 'Psst & <b>')
    expect(await marco.seeMessage(channel, /Psst/)).toMatchObject({ text: 'Psst &amp; &lt;b&gt;' })
    await expect(gus.messages(channel)).rejects.toThrow(/sees no conversation/)
    expect(await marco.channel(channel)).toMatchObject({ kind: 'im', with: 'U0RITA', unread: 1, mentions: 1 })
  })
})

describe('orders', () => {
  it('hire people who can act at once', async () => {
    const { id } = await control.hire({ name: 'omar', kind: 'guest' })
    const omar = createPerson(workspace.url, id)
    expect((await omar.channels()).map((row) => row.kind)).toEqual(['app'])
    await client.conversations.invite({ channel: 'C0RELEASES', users: id })
    await omar.seeMessage('releases', /News/)
  })

  it('that make no sense are refused with the reason', async () => {
    const orders: [string, object, RegExp][] = [
      ['/clock', { advance_ms: -1 }, /advance_ms/],
      ['/faults', { kind: 'earthquake' }, /kind/],
      ['/redeliver', { seq: 9999 }, /no delivery 9999/],
      ['/as/U0NOBODY/send', { channel: 'C0RELEASES', text: 'x' }, /no person U0NOBODY/],
      ['/as/U0SHIPMATE/send', { channel: 'C0RELEASES', text: 'x' }, /no person/],
    ]
    for (const [path, body, reason] of orders) await expect(control.post(path, body)).rejects.toThrow(reason)
  })

  it('bring the seeded workspace back', async () => {
    await control.reset()
    expect(await rita.messages('releases')).toEqual([])
    expect(await control.calls()).toEqual([])
  })
})

describe('the page', () => {
  it('is served at the root from the directory that was given', async () => {
    const pageDir = await mkdtemp(join(tmpdir(), 'page-'))
    await writeFile(join(pageDir, 'index.html'), '<title>Storefront</title>')
    const { workspace: withPage } = await startTestWorkspace({ pageDir })
    expect(await (await fetch(`${withPage.url}/`)).text()).toBe('<title>Storefront</title>')
    await withPage.close()
    await rm(pageDir, { recursive: true })
  })
})

describe('a name that resolves to this machine', () => {
  it('is not served, so that no page elsewhere can rebind to the workspace', async () => {
    const status = await new Promise((resolve) => {
      const { port } = workspace
      const headers = { host: `evil.example:${port}` }
      request({ host: '127.0.0.1', port, path: '/_control/workspace', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })
    expect(status).toBe(403)
  })
})

async function readChanges(response: Response, changes: Change[]): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) changes.push(JSON.parse(line.slice(6)))
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
  }
}
