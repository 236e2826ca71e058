import { afterAll, describe, expect, it } from 'vitest'
import { startTestWorkspace } from './started.js'

const { workspace, client, control, rita, gus } = await startTestWorkspace()
afterAll(() => workspace.close())

const refusal = (call: Promise<unknown>) => call.then(() => 'ok').catch((error) => error.data?.error ?? String(error))
const create = async (name: string) => (await client.conversations.create({ name })).channel?.id ?? ''

describe('channel names', () => {
  it.each([
    ['', 'invalid_arguments'],
    ['Incident', 'invalid_name_specials'],
    ['inc 1', 'invalid_name_specials'],
    ['---', 'invalid_name_punctuation'],
    ['x'.repeat(81), 'invalid_name_maxlength'],
    ['releases', 'name_taken'],
    ['inc-1_checkout', 'ok'],
  ])('%j is %s', async (name, expected) => {
    expect(await refusal(client.conversations.create({ name }))).toBe(expected)
  })

  it('stay taken by archived channels', async () => {
    await client.conversations.archive({ channel: await create('inc-2') })
    expect(await refusal(client.conversations.create({ name: 'inc-2' }))).toBe('name_taken')
  })
})

describe('invitations', () => {
  it('let people in and say so in the channel', async () => {
    const channel = await create('inc-10')
    await client.conversations.invite({ channel, users: 'U0RITA,U0IVY' })
    expect((await client.conversations.members({ channel })).members).toEqual(['U0SHIPMATE', 'U0RITA', 'U0IVY'])
    await rita.seeMessage('inc-10', /U0IVY.* has joined/)
  })

  it('fail as a whole, or for the bad ones alone when forced', async () => {
    const channel = await create('inc-11')
    const users = 'U0RITA,U0NOBODY,U0SHIPMATE'
    expect(await refusal(client.conversations.invite({ channel, users }))).toBe('user_not_found')
    expect((await client.conversations.members({ channel })).members).toHaveLength(1)
    const forced = await client.conversations.invite({ channel, users, force: true })
    expect(Object(forced).errors.map((one: { error: string }) => one.error)).toEqual([
      'user_not_found',
      'cant_invite_self',
    ])
    expect(await refusal(client.conversations.invite({ channel, users: 'U0RITA' }))).toBe('already_in_channel')
  })

  it('need the app to be a member', async () => {
    expect(await refusal(client.conversations.invite({ channel: 'C0RANDOM', users: 'U0GUS' }))).toBe('not_in_channel')
    await client.conversations.join({ channel: 'C0RANDOM' })
    expect(await refusal(client.conversations.invite({ channel: 'C0RANDOM', users: 'U0GUS' }))).toBe(
      'already_in_channel',
    )
  })
})

describe('channels', () => {
  it('carry topic and purpose up to 250 characters', async () => {
    const channel = await create('inc-20')
    await client.conversations.setTopic({ channel, topic: 'Checkout is slow' })
    expect(await refusal(client.conversations.setPurpose({ channel, purpose: 'x'.repeat(251) }))).toBe('too_long')
    expect((await client.conversations.info({ channel })).channel?.topic?.value).toBe('Checkout is slow')
  })

  it('cannot be brought back by a bot once archived', async () => {
    const channel = await create('inc-21')
    await client.conversations.archive({ channel })
    expect(await refusal(client.conversations.archive({ channel }))).toBe('already_archived')
    expect(await refusal(client.conversations.unarchive({ channel }))).toBe('not_in_channel')
    expect(await refusal(client.conversations.archive({ channel: 'C0GENERAL' }))).toBe('cant_archive_general')
  })

  it('are renamed by who made them', async () => {
    const channel = await create('inc-22')
    expect((await client.conversations.rename({ channel, name: 'inc-22-done' })).channel?.name).toBe('inc-22-done')
    expect(await refusal(client.conversations.rename({ channel: 'C0RELEASES', name: 'x' }))).toBe('not_authorized')
  })

  it('need the scope of their kind', async () => {
    const hidden = client.conversations.create({ name: 'hidden', is_private: true })
    expect(await refusal(hidden)).toBe('missing_scope')
    expect(await refusal(client.conversations.list({ types: 'private_channel' }))).toBe('missing_scope')
  })

  it('come in pages until the cursor is empty', async () => {
    const names: string[] = []
    let cursor: string | undefined
    do {
      const page = await client.conversations.list({ limit: 3, cursor, exclude_archived: true })
      names.push(...(page.channels ?? []).map((row) => row.name ?? ''))
      cursor = page.response_metadata?.next_cursor
    } while (cursor)
    expect(names).toEqual(expect.arrayContaining(['general', 'releases', 'incidents', 'random']))
    expect(new Set(names).size).toBe(names.length)
    expect(await refusal(client.conversations.list({ cursor: 'nonsense' }))).toBe('invalid_cursor')
  })
})

describe('history', () => {
  it('gives newest first, without replies and ephemeral messages, between two moments', async () => {
    const channel = 'C0INCIDENTS'
    const first = (await client.chat.postMessage({ channel, text: 'first' })).ts ?? ''
    const second = (await client.chat.postMessage({ channel, text: 'second' })).ts ?? ''
    await client.chat.postMessage({ channel, text: 'reply', thread_ts: first })
    await client.chat.postEphemeral({ channel, text: 'hidden', user: 'U0RITA' })
    const all = await client.conversations.history({ channel, limit: 2 })
    expect(all.messages?.map((row) => row.text)).toEqual(['second', 'first'])
    const after = await client.conversations.history({ channel, oldest: first })
    expect(after.messages?.map((row) => row.ts)).toEqual([second])
    const thread = await client.conversations.replies({ channel, ts: first })
    expect(thread.messages?.map((row) => row.text)).toEqual(['first', 'reply'])
    expect(await refusal(client.conversations.replies({ channel, ts: '1.000000' }))).toBe('thread_not_found')
  })
})

describe('people', () => {
  it('are members, and guests who see only their own channels', async () => {
    expect((await client.users.info({ user: 'U0GUS' })).user).toMatchObject({ is_restricted: true })
    expect((await client.users.info({ user: 'U0RITA' })).user).toMatchObject({ is_restricted: false, is_bot: false })
    expect(Object((await client.users.info({ user: 'U0RITA' })).user?.profile).email).toBeUndefined()
    expect((await gus.channels()).map((row) => row.name)).not.toContain('incidents')
    expect(await refusal(client.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found')
  })

  it('form user groups', async () => {
    const groups = await client.usergroups.list({ include_users: true })
    expect(groups.usergroups?.find((row) => row.handle === 'release-managers')?.users).toEqual(['U0MARCO', 'U0MINA'])
    await control.group('release-managers', ['U0IVY'])
    expect((await client.usergroups.users.list({ usergroup: 'S0RELEASE' })).users).toEqual(['U0IVY'])
  })
})
