import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { manifestSchema } from '../../playground/workspace/manifest.js'
import { startWorkspace, type Workspace } from '../../playground/workspace/server.js'
import { createWorkbench } from '../../src/terminal-app.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { requirePart } from '../support/parts.js'
import { startRedis } from '../support/redis.js'

let workspace: Workspace
let database: TestDatabase
const folder = mkdtempSync(join(tmpdir(), 'shipmate-doctor-'))

beforeAll(async () => {
  workspace = await startWorkspace({ manifestPath: 'manifest.yml', limits: false })
  database = await freshDatabase()
})
afterAll(async () => {
  await workspace.close()
  await database.drop()
  rmSync(folder, { recursive: true })
})

const slack = () => ({
  SLACK_BOT_TOKEN: workspace.tokens.bot,
  SLACK_APP_TOKEN: workspace.tokens.app,
  SLACK_API_URL: `${workspace.url}/api/`,
})

function operatorsFile(
  changed: { channel?: string; groups?: string[]; quorum?: number; routines?: object } = {},
): string {
  const { channel = 'C0RELEASES', groups = ['release-managers'], quorum = 1, routines = {} } = changed
  const path = join(folder, 'shipmate.yml')
  const file = {
    zone: 'Europe/Rome',
    services: {},
    targets: {},
    routines,
    environments: { prod: { channel, mode: 'act', approvals: { deploy: { quorum, groups } }, may: {} } },
  }
  writeFileSync(path, stringify(file))
  return path
}

const routine = (more: object) => ({
  ...{ says: 'Look.', every: '@weekly', owner: { people: ['U0RITA'] }, channel: 'C0GENERAL' },
  ...more,
})

const examine = async (env: { [name: string]: string }, manifest = 'manifest.yml') => {
  const found = await createWorkbench(manifest, env).examine()
  return new Map(found.map(({ title, outcome, evidence }) => [title, `${outcome}: ${evidence.summary}`]))
}

describe('the doctor', () => {
  test('with nothing set, says that the playground will be used, and nothing looks broken', async () => {
    const found = await examine({})
    expect([...found.values()].some((line) => /^(fail|error)/.test(line))).toBe(false)
    expect(found.get('Slack')).toMatch(/^skip/)
    expect(found.get('Database')).toContain('embedded PostgreSQL')
  })

  test('finds nothing to mend in an installation that is complete', async () => {
    const found = await examine({ ...slack(), SHIPMATE_CONFIG: operatorsFile(), DATABASE_URL: database.url })
    expect(Object.fromEntries(found)).toMatchObject({
      'Environment variables': 'pass: understood',
      'Slack bot token': expect.stringMatching(/^pass: works as/),
      'Slack scopes': expect.stringMatching(/^pass: all \d+ are granted/),
      'Slack app token': 'pass: opens Socket Mode',
      'Channel of prod': 'pass: #releases, and Shipmate is in it',
      'Group @release-managers': 'pass: 2 people',
      Approvals: 'pass: every quorum can be met',
      'Backups of Shipmate itself': expect.stringMatching(/^warn: there are none/),
    })
    expect(found.get('Database')).toMatch(/^pass: PostgreSQL \d+/)
    expect(found.get('Database role')).toMatch(/^pass/)
  })

  test('names the scopes that were not granted', async () => {
    const manifest = join(folder, 'manifest.yml')
    writeFileSync(manifest, stringify({ oauth_config: { scopes: { bot: ['chat:write', 'usergroups:write'] } } }))
    expect((await examine(slack(), manifest)).get('Slack scopes')).toBe('fail: 1 of 2 are missing: usergroups:write')
  })

  test('tells a wrong token from a Slack that does not answer', async () => {
    const wrong = await examine({ ...slack(), SLACK_BOT_TOKEN: 'xoxb-wrong', SLACK_APP_TOKEN: 'xapp-wrong' })
    expect(wrong.get('Slack bot token')).toBe('fail: Slack says invalid_auth')
    expect(wrong.get('Slack app token')).toBe('fail: Slack says invalid_auth')
    const away = await examine({ ...slack(), SLACK_API_URL: 'http://127.0.0.1:9/api/' })
    expect(away.get('Slack bot token')).toMatch(/^error: Slack did not answer/)
  })

  test.each([
    ['a channel that is not there', { channel: 'C0NOWHERE' }, 'Channel of prod', 'fail: Slack says channel_not_found'],
    ['a channel it was not invited to', { channel: 'C0GENERAL' }, 'Channel of prod', 'Shipmate is not in #general'],
    [
      'a channel of recurring work that it was not invited to',
      { routines: { keys: routine({}) } },
      'Channel of routine keys',
      'Shipmate is not in #general',
    ],
    [
      'a group of recurring work that is not there',
      { routines: { keys: routine({ escalate: { groups: ['nobodies'] } }) } },
      'Group @nobodies',
      'no user group @nobodies',
    ],
    [
      'a guide of recurring work that nobody has',
      { routines: { keys: routine({ guide: 'lost-dta' }) } },
      "Operator's file",
      'fail: routines.keys.guide of the operator’s file names no guide.',
    ],
    ['a group that is not there', { groups: ['nobodies'] }, 'Group @nobodies', 'no user group @nobodies'],
    ['a quorum nobody can meet', { quorum: 3 }, 'Approvals', 'nobody can gather that many'],
  ])('finds %s', async (_what, changed, title, expected) => {
    const found = await examine({ ...slack(), SHIPMATE_CONFIG: operatorsFile(changed) })
    expect(found.get(title)).toContain(expected)
  })

  test('says what is wrong in the variables and in the file, and shows no secret', async () => {
    const variables = await examine({ PORT: 'ninety', DATABASE_URL: 'mysql://root:hunter2@db' })
    expect(variables.get('Environment variables')).toContain('PORT')
    expect([...variables.values()].join()).not.toContain('hunter2')
    const path = join(folder, 'broken.yml')
    writeFileSync(path, 'zone: Europe/Rome\nenvironments: 3\n')
    const file = await examine({ ...slack(), SHIPMATE_CONFIG: path })
    expect(file.get("Operator's file")).toMatch(/^fail: .*broken\.yml/)
  })

  test('tells a database that is away from one that refuses, without its password', async () => {
    const away = await examine({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:9/x' })
    expect(away.get('Database')).toBe('fail: DATABASE_URL does not open a database: nothing listens there')
    const missing = new URL(database.url)
    missing.pathname = '/nowhere'
    expect((await examine({ DATABASE_URL: missing.href })).get('Database')).toContain('there is no such database')
  })
})

const redis = requirePart('redis')

test.skipIf(!redis)('the doctor reaches Redis, and warns of one that forgets', async () => {
  const server = await startRedis()
  const found = await examine({ REDIS_URL: server.url })
  expect(found.get('Queue')).toMatch(/^pass: Redis \d/)
  expect(found.get('Queue memory')).toBe('pass: maxmemory-policy is noeviction')
  await server.stop()
  expect((await examine({ REDIS_URL: server.url })).get('Queue')).toBe(
    'fail: REDIS_URL does not open a Redis: ECONNREFUSED',
  )
})

test('a written manifest is one that Slack takes, with prefix, name and address', async () => {
  const bench = createWorkbench('manifest.yml', {})
  const url = 'https://shipmate.example.com/slack/events'
  const written = manifestSchema.parse(parse(await bench.manifest({ prefix: 'acme', name: 'Acme ships', url })))
  expect(written.display_information.name).toBe('Acme ships')
  expect(written.features?.slash_commands?.map((one) => [one.command, one.url])).toContainEqual(['/acme-deploy', url])
  expect(await bench.manifest({})).toContain('# Post and redraw its own cards.')
})
