import { describe, expect, test } from 'vitest'
import { commandIn, completionAt } from '../../../../playground/page/composer/completion.js'
import type { ChannelSummary, Person, Workspace } from '../../../../playground/workspace/protocol.js'

const person = (id: string, name: string, real_name: string): Person => ({
  id,
  name,
  real_name,
  title: 'Engineer',
  color: '#000',
  kind: 'member',
  deleted: false,
  tz: 'Etc/UTC',
})

const workspace: Workspace = {
  team: { id: 'T1', name: 'Storefront', domain: 'storefront' },
  people: [
    person('U1', 'rita', 'Rita Okafor'),
    person('U2', 'marco', 'Marco Bianchi'),
    { ...person('U3', 'rob', 'Rob Gone'), deleted: true },
  ],
  groups: [{ id: 'S1', handle: 'release-managers', name: 'Release managers', users: ['U2'] }],
  app: {
    id: 'A1',
    bot_user_id: 'U9',
    name: 'Shipmate',
    commands: [
      { command: '/deploy', description: 'Ship a version', usage_hint: '[service] <environment>' },
      { command: '/ops', description: 'Operations', usage_hint: 'status' },
    ],
    shortcuts: [],
    connected: true,
  },
  now_ms: 0,
}

const channel = (name: string): ChannelSummary => ({
  id: `C${name}`,
  name,
  kind: 'channel',
  topic: '',
  purpose: '',
  archived: false,
  member: true,
  members: 2,
  unread: 0,
  mentions: 0,
  last_read: '0',
  bookmarks: [],
  pins: [],
  canvases: [],
})

const sources = { workspace, channels: [channel('releases'), channel('random')], inThread: false }
const titles = (text: string, caret = text.length, inThread = false) =>
  completionAt(text, caret, { ...sources, inThread })?.suggestions.map(({ title }) => title)

describe('completion', () => {
  test('a slash at the start offers the commands with their usage', () => {
    expect(completionAt('/', 1, sources)).toMatchObject({
      from: 0,
      to: 1,
      suggestions: [
        { title: '/deploy', hint: '[service] <environment>', note: 'Ship a version', insert: '/deploy ' },
        { title: '/ops' },
      ],
    })
    expect(titles('/de')).toEqual(['/deploy'])
  })

  test('commands are offered neither in threads nor later in a line', () => {
    expect(titles('/', 1, true)).toBeUndefined()
    expect(titles('and /de')).toBeUndefined()
    expect(titles('/deploy pr')).toBeUndefined()
  })

  test('an @ offers people by either name, groups and broadcasts, and nobody who has left', () => {
    expect(titles('hello @r')).toEqual(['Rita Okafor', '@release-managers'])
    expect(titles('@bian')).toEqual(['Marco Bianchi'])
    expect(titles('@he')).toEqual(['@here'])
    expect(titles('mail@r')).toBeUndefined()
  })

  test('the word at the caret is replaced, not the last one', () => {
    expect(completionAt('ask @mar today', 8, sources)).toMatchObject({
      from: 4,
      to: 8,
      suggestions: [{ insert: '@marco ' }],
    })
  })

  test('a # offers channels', () => {
    expect(titles('see #rel')).toEqual(['#releases'])
  })

  test('a colon offers emoji after two letters', () => {
    expect(titles(':s')).toBeUndefined()
    expect(titles('it :ship')).toContain(':ship:')
    expect(titles('at 14:32')).toBeUndefined()
  })

  test('the command that is being typed is known by its first word', () => {
    expect(commandIn('/deploy prod', workspace)?.command).toBe('/deploy')
    expect(commandIn('/deploy', workspace)).toBeUndefined()
    expect(commandIn('/unknown prod', workspace)).toBeUndefined()
  })
})
