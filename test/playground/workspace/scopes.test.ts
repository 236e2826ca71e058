import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { waitFor } from '../../support/wait-for.js'
import { manifestPath, startBoltApp, startTestWorkspace } from './started.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A workspace whose app was given these scopes and events beside those of the test manifest. */
async function startWith(scopes: string[], events: string[] = []) {
  const manifest = parse(await readFile(manifestPath, 'utf8'))
  manifest.oauth_config.scopes.bot.push(...scopes)
  manifest.settings.event_subscriptions.bot_events.push(...events)
  const dir = await mkdtemp(join(tmpdir(), 'manifest-'))
  await writeFile(join(dir, 'manifest.yml'), stringify(manifest))
  const started = await startTestWorkspace({ manifestPath: join(dir, 'manifest.yml') })
  closing.push(() => rm(dir, { recursive: true }), started.workspace.close)
  return started
}

const refusal = (call: Promise<unknown>) => call.then(() => 'ok').catch((error) => error.data?.error ?? String(error))

describe('what the manifest asks for decides', () => {
  it('whether the app may speak where it is no member', async () => {
    const { client } = await startWith(['chat:write.public'])
    expect((await client.chat.postMessage({ channel: 'C0RANDOM', text: 'Hello' })).ok).toBe(true)
  })

  it('whether the app sees addresses', async () => {
    const { client } = await startWith(['users:read.email'])
    const { user } = await client.users.lookupByEmail({ email: 'rita@storefront.example' })
    expect([user?.id, user?.profile?.email]).toEqual(['U0RITA', 'rita@storefront.example'])
    expect(await refusal(client.users.lookupByEmail({ email: 'no@one.example' }))).toBe('users_not_found')
  })

  it('whether the app keeps private channels, which only their members see', async () => {
    const { client, rita, marco } = await startWith(['groups:write', 'groups:read', 'groups:history'])
    const { channel } = await client.conversations.create({ name: 'inc-private', is_private: true })
    await client.conversations.invite({ channel: channel?.id ?? '', users: 'U0RITA' })
    await client.chat.postMessage({ channel: channel?.id ?? '', text: 'Between us' })
    await rita.seeMessage('inc-private', /Between us/)
    await expect(marco.messages(channel?.id ?? '')).rejects.toThrow(/sees no conversation/)
    const types = 'public_channel,private_channel'
    const names = (await client.conversations.list({ types })).channels?.map((row) => row.name)
    expect(names).toContain('inc-private')
    await client.conversations.leave({ channel: channel?.id ?? '' })
    expect(await refusal(client.conversations.info({ channel: channel?.id ?? '' }))).toBe('channel_not_found')
  })

  it('which events the app hears: subscribed is not enough without the scope', async () => {
    const { control, rita } = await startWith(
      [],
      ['pin_added', 'team_join', 'subteam_updated', 'file_shared', 'message.groups'],
    )
    const { ts = '' } = await rita.send('releases', 'Pin me')
    await rita.pin('releases', ts)
    await control.group('release-managers', ['U0IVY'])
    const types = async () => (await control.deliveries('events_api')).map((one) => Object(one.payload).event.type)
    await waitFor('three events', async () => (await types()).length === 3)
    expect(await types()).toEqual(['message', 'pin_added', 'subteam_updated'])
  })
})

describe('a Bolt app without an app token', () => {
  it('cannot open Socket Mode', async () => {
    const { workspace } = await startWith([])
    const withWrongToken = { ...workspace, tokens: { ...workspace.tokens, app: 'xapp-other' } }
    await expect(startBoltApp(withWrongToken, () => {})).rejects.toThrow(/invalid_auth/)
  })
})
