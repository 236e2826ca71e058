import { describe, expect, it } from 'vitest'
import { requestKey } from '../../../src/slack/listeners/asker.js'
import { commandName } from '../../../src/slack/listeners/commands.js'
import { wordsAfterMention } from '../../../src/slack/listeners/mention.js'
import { pressOf } from '../../../src/slack/listeners/presses.js'
import { decodePress, encodePress } from '../../../src/slack/press-value.js'

describe('words', () => {
  it('of a command are the same with an installation’s prefix', () => {
    expect(commandName('/deploy')).toBe('deploy')
    expect(commandName('/acme-deploy')).toBe('deploy')
    expect(commandName('/ops')).toBe('ops')
    expect(commandName('/unheard')).toBe('unheard')
  })

  it('after a mention of the app are what counts, wherever the mention stands', () => {
    expect(wordsAfterMention('<@U0SHIPMATE> deploy prod', 'U0SHIPMATE')).toBe('deploy prod')
    expect(wordsAfterMention('please <@U0SHIPMATE|shipmate>  status ', 'U0SHIPMATE')).toBe('status')
    expect(wordsAfterMention('<@U0OTHER> deploy', 'U0SHIPMATE')).toBe('<@U0OTHER> deploy')
  })
})

describe('a request', () => {
  it('has one key however often it is delivered, and the key opens nothing', () => {
    expect(requestKey('slack', '123.456.abc')).toBe(requestKey('slack', '123.456.abc'))
    expect(requestKey('slack', '123.456.abc')).not.toContain('123.456')
    expect(requestKey('slack', '1')).not.toBe(requestKey('slack', '2'))
  })
})

describe('the value of a button', () => {
  it('comes back as it went', () => {
    const value = { name: 'approve' as const, run: 1, step: 'approve', round: 1, digest: 'a'.repeat(64) }
    expect(decodePress(encodePress(value))).toEqual(value)
  })

  it.each([
    '',
    '{}',
    'null',
    '[]',
    '{"name":"approve","run":"1"}',
    '{"name":"destroy","run":1}',
    '{"name":"cancel","run":1,"by":"U0ADA"}',
    'x'.repeat(3_000),
  ])('is nothing when it is not ours: %s', (text) => expect(decodePress(text)).toBeNull())

  it('asks for nothing when it lacks what its name needs', () => {
    expect(pressOf({ name: 'approve', run: 1 }, '')).toBeNull()
    expect(pressOf({ name: 'choose', run: 1, step: 's', round: 1, digest: 'd' }, '')).toBeNull()
    expect(pressOf({ name: 'details', run: 1 }, '')).toBeNull()
    expect(pressOf({ name: 'retry', run: 1 }, '')).toEqual({ name: 'retry', run: 1 })
    expect(pressOf({ name: 'reject', run: 1, step: 's', round: 1, digest: 'd' }, 'no')).toEqual({
      name: 'reject',
      run: 1,
      step: 's',
      round: 1,
      digest: 'd',
      reason: 'no',
    })
  })
})
