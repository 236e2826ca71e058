import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { announceInstance } from '../../src/http/announcement.js'
import { startTerminalFace, token } from '../support/terminal-face.js'
import { openTypedTerminal } from '../support/typed-terminal.js'

test('the terminal finds the instance of this machine, and no longer once it has ended', async () => {
  const face = await startTerminalFace()
  const terminal = openTypedTerminal({ SHIPMATE_TOKEN: token })
  const withdraw = await announceInstance(terminal.home, face.url)
  expect((await terminal.type(['deploy', 'prod'])).code).toBe(0)
  await withdraw()
  expect(existsSync(join(terminal.home, 'http.json'))).toBe(false)
  expect((await terminal.type(['deploy', 'prod'])).code).toBe(4)
  terminal.close()
  await face.close()
})
