import { expect, test } from 'vitest'
import { createCommands } from '../../../src/integrations/commands/commands.js'
import { hands, partsOf } from '../../support/watched/scene.js'

const commands = (lines: string) => hands(createCommands(partsOf(`commands:\n${lines}`), []))

test('a program gets exactly the words of the operator’s file, no shell, and nothing of Shipmate’s environment', async () => {
  process.env.SHIPMATE_TEST_SECRET = 'hunter2'
  const { act } = commands('  say: { run: [/bin/echo, "$HOME; ls", "*"] }\n  show: { run: [/usr/bin/env] }')
  expect((await act('operator.command', { name: 'say' })).evidence.details).toEqual({ output: '$HOME; ls *' })
  expect(JSON.stringify(await act('operator.command', { name: 'show' }))).not.toContain('hunter2')
})

test('a program that fails, hangs or is not there says so with its own words, and one that is not named does not run', async () => {
  const { act } = commands(
    [
      '  fails: { run: [/bin/ls, /nowhere-at-all] }',
      '  hangs: { run: [/bin/sleep, "60"], within: 200ms }',
      '  gone: { run: [/no/such/program] }',
    ].join('\n'),
  )
  await expect(act('operator.command', { name: 'fails' })).rejects.toMatchObject({
    code: 'command-failed',
    came: /nowhere-at-all/,
  })
  await expect(act('operator.command', { name: 'hangs' })).rejects.toMatchObject({
    code: 'command-slow',
    kind: 'timed out',
  })
  await expect(act('operator.command', { name: 'gone' })).rejects.toMatchObject({
    code: 'command-failed',
    message: /could not be run/,
  })
  await expect(act('operator.command', { name: 'constructor' })).rejects.toMatchObject({ code: 'not-set-up' })
  await expect(act('postgres.restart')).rejects.toMatchObject({ code: 'not-set-up', next: /commands.restart-database/ })
})

test('commands are blind: cut off, they are never run again unasked', () => {
  const { actions } = createCommands(partsOf('probe: http://127.0.0.1:1/'), [])
  expect(actions.map(({ name, fence }) => [name, fence])).toEqual([
    ['postgres.restart', 'blind'],
    ['redis.restart', 'blind'],
    ['tls.reload', 'blind'],
    ['operator.command', 'blind'],
  ])
})
