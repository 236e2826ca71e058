import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCatalogue, readConfig, resolveSecret } from '../src/config.js'
import { ShipmateError } from '../src/errors.js'

const wrong = (env: { [name: string]: string }) => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ShipmateError) return error.message.split('\n')
  }
  return []
}

test('with nothing set everything has a default that works on one machine', () => {
  expect(readConfig({})).toMatchObject({
    role: 'both',
    port: 3000,
    logLevel: 'info',
    catalogueFile: null,
    dir: '.shipmate',
    databaseUrl: null,
    redisUrl: null,
    slack: { botToken: null, appToken: null, signingSecret: null, apiUrl: null },
  })
})

test('an empty variable counts as not set', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: ' ', LOG_LEVEL: '' })).toEqual(readConfig({}))
})

test.each([
  [{ PORT: '80 80' }, 'PORT: wanted a whole number from 0 to 65535, came "80 80". Leave it out for 3000.'],
  [{ PORT: '70000' }, 'PORT: wanted a whole number from 0 to 65535, came "70000". Leave it out for 3000.'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: wanted debug or info or warn or error, came "loud". Leave it out for info.'],
  [{ SHIPMATE_ROLE: 'boss' }, 'SHIPMATE_ROLE: wanted both or front or worker, came "boss". Leave it out for both.'],
  [
    { DATABASE_URL: 'mysql://u:hunter2@h/d' },
    'DATABASE_URL: wanted an address such as postgres://user:password@host:5432/name, came something else (not shown). Correct it, or leave it out.',
  ],
  [
    { SLACK_BOT_TOKEN: 'xapp-hunter2', SLACK_APP_TOKEN: 'xapp-1' },
    'SLACK_BOT_TOKEN: wanted a token that begins with xoxb-, came an app-level token (xapp-…). Copy it from: OAuth & Permissions, Bot User OAuth Token.',
  ],
  [
    { SLACK_APP_TOKEN: 'hunter2', SLACK_BOT_TOKEN: 'xoxb-1' },
    'SLACK_APP_TOKEN: wanted a token that begins with xapp-, came 7 characters of something else. Copy it from: Basic Information, App-Level Tokens.',
  ],
  [
    { SLACK_BOT_TOKEN: 'xoxb-1' },
    'SLACK_APP_TOKEN: wanted an app-level token, or SLACK_SIGNING_SECRET, came nothing. Set one of the two.',
  ],
  [
    { SLACK_APP_TOKEN: 'xapp-1' },
    'SLACK_BOT_TOKEN: wanted the bot token that belongs to SLACK_APP_TOKEN, came nothing. Set both, or neither.',
  ],
])('a variable that is wrong is named with what was wanted and what came: %j', (env, wanted) => {
  const lines = wrong(env)
  expect(lines).toEqual([wanted])
  expect(lines.join()).not.toContain('hunter2')
})

test('all wrong variables are told at once', () => {
  expect(wrong({ PORT: 'x', LOG_LEVEL: 'x', REDIS_URL: 'x' })).toHaveLength(3)
})

test('a secret comes from a variable or a file, and its absence names only the reference', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'shipmate-config-'))
  const path = join(dir, 'token')
  await writeFile(path, 'from a file\n')
  expect(await resolveSecret('env:TOKEN', { TOKEN: 'from a variable' })).toBe('from a variable')
  expect(await resolveSecret(`file:${path}`, {})).toBe('from a file')
  await expect(resolveSecret('env:NONE', {})).rejects.toMatchObject({ message: 'The secret env:NONE is not there.' })
  await expect(resolveSecret(`file:${dir}/none`, {})).rejects.toMatchObject({ code: 'secret-missing' })
  await expect(resolveSecret('hunter2', {})).rejects.toMatchObject({
    message: 'A secret has no env: or file: reference.',
  })
  await rm(dir, { recursive: true })
})

test("an operator's file that is not there is named with what to do", async () => {
  await expect(readCatalogue('/nowhere/shipmate.yml', {})).rejects.toMatchObject({
    code: 'catalogue-unreadable',
    message: "The operator's file /nowhere/shipmate.yml cannot be read.",
    next: 'Set SHIPMATE_CONFIG to its path.',
  })
})
