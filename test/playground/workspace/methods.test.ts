import { describe, expect, it } from 'vitest'
import { commonErrors, methods } from '../../../playground/workspace/methods.js'

describe('Web API methods of the local workspace', () => {
  it('Knows the methods that Bolt and Shipmate call', () => {
    const called = [
      'auth.test',
      'apps.connections.open',
      'chat.postMessage',
      'chat.postEphemeral',
      'chat.update',
      'conversations.open',
      'files.getUploadURLExternal',
      'files.completeUploadExternal',
      'usergroups.users.list',
      'users.info',
      'views.open',
      'views.publish',
      'views.update',
    ]
    expect(called.filter((name) => methods[name] === undefined)).toEqual([])
  })

  it('An inherited name is no method', () => {
    expect(methods.constructor).toBeUndefined()
    expect(methods.toString).toBeUndefined()
  })

  it.each(Object.entries(methods))('%s names scopes, arguments and errors once each', (_name, rule) => {
    for (const words of [rule.scopes, rule.required, rule.errors]) expect(new Set(words).size).toBe(words.length)
    expect(rule.scopes.every((scope) => /^[a-z.]+:[a-z.]+$/.test(scope))).toBe(true)
    expect([...rule.errors, ...rule.required].every((word) => /^[a-z_]+$/.test(word))).toBe(true)
  })

  it('Errors that any method may return are not repeated at each', () => {
    const repeated = Object.entries(methods).filter(([, rule]) =>
      rule.errors.some((error) => commonErrors.includes(error)),
    )
    expect(repeated.map(([name]) => name)).toEqual([])
  })

  it('Opening a socket takes the app-level token, everything else that acts the bot’s', () => {
    const byToken = (token: string) => Object.keys(methods).filter((name) => methods[name]?.token === token)
    expect(byToken('app')).toEqual(['apps.connections.open'])
    expect(byToken('none')).toEqual(['api.test', 'blocks.validate'])
  })
})
