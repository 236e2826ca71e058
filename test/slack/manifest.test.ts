import { describe, expect, it } from 'vitest'
import { manifestSchema, readManifest } from '../../playground/workspace/manifest.js'
import { methods } from '../../playground/workspace/methods.js'
import { ShipmateError } from '../../src/errors.js'
import { type ManifestChanges, manifestWith } from '../../src/slack/manifest.js'

const manifest = readManifest('manifest.yml')
const scopes = manifest.oauth_config?.scopes.bot ?? []

describe('manifest.yml', () => {
  it('Declares the seven commands, each with a hint and ids instead of names', () => {
    const commands = manifest.features?.slash_commands ?? []
    expect(commands.map(({ command }) => command)).toEqual([
      ...['/deploy', '/rollback', '/scale', '/backup', '/restore', '/incident', '/ops'],
    ])
    expect(commands.every(({ should_escape, usage_hint }) => should_escape === true && usage_hint)).toBe(true)
  })

  it('Has a home, a bot, shortcuts to deploy, to open an incident and to note what was said, and needs no public address', () => {
    expect(manifest.features?.app_home).toMatchObject({ home_tab_enabled: true, messages_tab_enabled: true })
    expect(manifest.features?.shortcuts?.map(({ type, callback_id }) => [type, callback_id])).toEqual([
      ['global', 'deploy'],
      ['global', 'declare'],
      ['message', 'incident'],
      ['message', 'timeline'],
    ])
    expect(manifest.settings).toMatchObject({
      interactivity: { is_enabled: true },
      socket_mode_enabled: true,
      org_deploy_enabled: false,
      token_rotation_enabled: false,
    })
  })

  it('Asks to read no messages, to write nowhere uninvited, and for nothing of a user', () => {
    expect(scopes.filter((scope) => /history|chat:write\.|admin|search/.test(scope))).toEqual([])
    expect(manifest.oauth_config?.scopes.user).toBeUndefined()
    expect([...scopes].sort()).toEqual(scopes)
  })

  it.each([
    'chat.postMessage',
    'chat.postEphemeral',
    'chat.update',
    'bookmarks.add',
    'bookmarks.list',
    'conversations.archive',
    'conversations.create',
    'conversations.info',
    'conversations.invite',
    'conversations.list',
    'conversations.open',
    'files.getUploadURLExternal',
    'files.completeUploadExternal',
    'pins.add',
    'usergroups.list',
    'usergroups.users.list',
    'users.info',
    'users.list',
    'users.lookupByEmail',
  ])('Its scopes are enough for %s', (name) => {
    const rule = methods[name]
    expect(rule?.scopes.some((scope) => scopes.includes(scope))).toBe(true)
  })

  it('Has the scope that each event needs', () => {
    const needs: { [event: string]: string | undefined } = {
      app_mention: 'app_mentions:read',
      app_home_opened: undefined,
      pin_added: 'pins:read',
      reaction_added: 'reactions:read',
    }
    for (const event of manifest.settings?.event_subscriptions?.bot_events ?? []) {
      expect(Object.keys(needs)).toContain(event)
      if (needs[event]) expect(scopes).toContain(needs[event])
    }
  })
})

describe('A manifest for another installation', () => {
  it('Puts the prefix before each command', () => {
    const commands = manifestWith(manifest, { prefix: 'acme' }).features?.slash_commands ?? []
    expect(commands.map(({ command }) => command)).toEqual([
      '/acme-deploy',
      '/acme-rollback',
      '/acme-scale',
      '/acme-backup',
      '/acme-restore',
      '/acme-incident',
      '/acme-ops',
    ])
  })

  it('Names the app and its bot', () => {
    const named = manifestWith(manifest, { name: 'Acme ships' })
    expect([named.display_information.name, named.features?.bot_user?.display_name]).toEqual([
      'Acme ships',
      'Acme ships',
    ])
  })

  it('Sends everything to a request URL, with Socket Mode off', () => {
    const url = 'https://shipmate.example.com/slack/events'
    const sent = manifestWith(manifest, { requestUrl: url })
    expect(sent.features?.slash_commands?.map((command) => command.url)).toEqual(Array(7).fill(url))
    expect(sent.settings).toMatchObject({
      socket_mode_enabled: false,
      interactivity: { is_enabled: true, request_url: url },
      event_subscriptions: { request_url: url, bot_events: manifest.settings?.event_subscriptions?.bot_events },
    })
  })

  it('Is one that Slack takes, and leaves the given one alone', () => {
    const before = structuredClone(manifest)
    const all = manifestWith(manifest, { prefix: 'a'.repeat(22), name: 'x'.repeat(35), requestUrl: 'https://x.io' })
    expect(manifestSchema.safeParse(all).success).toBe(true)
    expect(manifest).toEqual(before)
    expect(manifestWith(manifest, {})).toEqual(manifest)
  })

  it.each<[string, ManifestChanges, string]>([
    ['a prefix that makes a command too long', { prefix: 'a'.repeat(23) }, 'manifest-prefix'],
    ['a prefix in capitals', { prefix: 'Acme' }, 'manifest-prefix'],
    ['an empty prefix', { prefix: '' }, 'manifest-prefix'],
    ['an empty name', { name: ' ' }, 'manifest-name'],
    ['a name that is too long', { name: 'x'.repeat(36) }, 'manifest-name'],
    ['an address without TLS', { requestUrl: 'http://x.io' }, 'manifest-request-url'],
    ['an address that is none', { requestUrl: 'shipmate' }, 'manifest-request-url'],
  ])('Refuses %s, and says what to do', (_what, changes, code) => {
    expect(() => manifestWith(manifest, changes)).toThrow(ShipmateError)
    expect(() => manifestWith(manifest, changes)).toThrow(expect.objectContaining({ code, next: expect.any(String) }))
  })
})
