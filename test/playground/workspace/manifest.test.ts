import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { readManifest } from '../../../playground/workspace/manifest.js'

const folder = mkdtempSync(join(tmpdir(), 'manifest-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (text: string) => {
  const path = join(folder, 'manifest.yml')
  writeFileSync(path, text)
  return path
}
const reading = (manifest: unknown) => () => readManifest(file(stringify(manifest)))
const named = (more: object) => ({ display_information: { name: 'Shipmate' }, ...more })
const command = (name: string) => ({ command: name, description: 'd' })
const shortcut = (type: string, index = 0) => ({ type, name: 'n', description: 'd', callback_id: `c${index}` })
const commands = (...all: unknown[]) => named({ features: { slash_commands: all } })
const shortcuts = (...all: unknown[]) => named({ features: { shortcuts: all } })

describe('Reading an app manifest', () => {
  it('Takes the least that Slack takes', () => {
    expect(reading(named({}))()).toEqual(named({}))
  })

  it('Takes message shortcuts and an assistant', () => {
    const manifest = named({
      features: {
        shortcuts: [shortcut('message')],
        assistant_view: { assistant_description: 'd', suggested_prompts: [{ title: 't', message: 'm' }] },
      },
    })
    expect(reading(manifest)()).toEqual(manifest)
  })

  it('Says where, what was wanted and what came, for every line at once', () => {
    const manifest = {
      display_information: { name: 'x'.repeat(36) },
      features: { slash_commands: [{ command: 'deploy', description: 7 }], shortcuts: [shortcut('sometimes')] },
      settings: { socket_mode: true, interactivity: {} },
    }
    expect(reading(manifest)).toThrow(/display_information\.name: wanted at most 35 characters, came "xxx/)
    expect(reading(manifest)).toThrow(
      'features.slash_commands.0.command: wanted a command such as /deploy, in lower case, came "deploy"',
    )
    expect(reading(manifest)).toThrow('features.slash_commands.0.description: wanted a value of type string, came 7')
    expect(reading(manifest)).toThrow('features.shortcuts.0.type: wanted message or global, came "sometimes"')
    expect(reading(manifest)).toThrow('settings.socket_mode: wanted no such key, came true')
    expect(reading(manifest)).toThrow('settings.interactivity.is_enabled: wanted a value of type boolean, came nothing')
  })

  it.each([
    ['51 commands', commands(...Array.from({ length: 51 }, (_, index) => command(`/c${index}`))), 'at most 50 items'],
    ['no command in the list', commands(), 'at least 1 items'],
    ['a command of 33 characters', commands(command(`/${'c'.repeat(32)}`)), 'at most 32 characters'],
    ['a command twice', commands(command('/a'), command('/a')), 'each command once'],
    [
      'six global shortcuts',
      shortcuts(...Array.from({ length: 6 }, (_, index) => shortcut('global', index))),
      'at most 5 global',
    ],
    [
      'a shortcut name of 25 characters',
      shortcuts({ ...shortcut('global'), name: 'n'.repeat(25) }),
      'at most 24 characters',
    ],
    [
      'a short long_description',
      { display_information: { name: 'x', long_description: 'short' } },
      'at least 175 characters',
    ],
    [
      'a scope that is none',
      named({ oauth_config: { scopes: { bot: ['chat write'] } } }),
      'a scope such as chat:write',
    ],
    [
      'an address that is none',
      named({ settings: { interactivity: { is_enabled: true, request_url: 'shipmate' } } }),
      'a URL',
    ],
    ['another version of the format', named({ _metadata: { major_version: 1 } }), 'wanted 2, came 1'],
  ])('Refuses %s', (_what, manifest, message) => {
    expect(reading(manifest)).toThrow(message)
  })

  it('Says which file is missing or is no YAML', () => {
    expect(() => readManifest(join(folder, 'nowhere.yml'))).toThrow(
      /nowhere\.yml: wanted an app manifest as YAML, came: ENOENT/,
    )
    expect(() => readManifest(file('a: [1'))).toThrow(/wanted an app manifest as YAML, came: .*line 1/)
    expect(() => readManifest(file(''))).toThrow('the file: wanted a value of type object, came null')
  })
})
