import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startWorkspace, type Workspace } from '../../playground/workspace/server.js'
import { silentLog } from '../../src/log.js'
import { openDatabase } from '../../src/store/database.js'
import { command, post, secret } from '../slack/front-door/doorway.js'
import { freshDatabase } from '../support/database.js'
import { createPerson } from '../support/person.js'
import { programsOf } from '../support/programs.js'
import { runShipmate, type ShipmateProcess, startShipmate } from '../support/shipmate-process.js'
import { shopEnv } from '../support/shop.js'
import { waitFor } from '../support/wait-for.js'

const playgroundFile = readFileSync('playground/shipmate.yml', 'utf8')

let dir: string
let stops: (() => Promise<unknown>)[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shipmate-start-'))
  // The embedded database runs under a user of its own, who must get in.
  chmodSync(dir, 0o755)
  stops = []
})
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  rmSync(dir, { recursive: true, force: true })
})

function written(text: string): string {
  const file = join(dir, 'shipmate.yml')
  writeFileSync(file, text)
  return file
}

function start(env: { [name: string]: string }): ShipmateProcess {
  const shipmate = startShipmate({ SHIPMATE_DIR: dir, ...env })
  stops.push(() => (shipmate.running() ? shipmate.stop() : shipmate.ended))
  return shipmate
}

const joining = (port: number, tokens: { [name: string]: string } = {}) => ({
  ...shopEnv,
  SHIPMATE_CONFIG: written(playgroundFile),
  SLACK_API_URL: `http://127.0.0.1:${port}/api/`,
  SLACK_BOT_TOKEN: 'xoxb-playground',
  SLACK_APP_TOKEN: 'xapp-playground',
  LOG_LEVEL: 'info',
  ...tokens,
})

async function workspaceAt(port = 0): Promise<Workspace> {
  const workspace = await startWorkspace({ port, manifestPath: 'manifest.yml', limits: false })
  stops.push(() => workspace.close())
  return workspace
}

describe('a start with an operator’s file that is wrong', () => {
  async function refusedStart(text: string): Promise<string> {
    const shipmate = start({ SHIPMATE_CONFIG: written(text) })
    expect(await shipmate.ended).toBe(1)
    expect(shipmate.out()).toBe('')
    expect(programsOf(dir)).toEqual([])
    return shipmate.err()
  }

  it('ends at once where it is no YAML, with file, line and column, what came and what to do', async () => {
    const err = await refusedStart('zone: Europe/Rome\nservices:\n  storefront:\n   releases: [\n')
    const file = join(dir, 'shipmate.yml')
    expect(err).toMatch(/^Shipmate did not start: .*shipmate\.yml has .*mistakes?: \(catalogue-invalid\)$/m)
    expect(err).toMatch(new RegExp(`^${file}:\\d+:\\d+: wanted YAML, came something else: .+ Check indentation`, 'm'))
    expect(err).toContain('next: Correct the lines named and start again.')
    expect(err).not.toMatch(/\n\s+at /)
  })

  it('names every key it does not know, with the one that was meant', async () => {
    const err = await refusedStart(
      playgroundFile.replace('    mode: act', '    mode: act\n    chanel: C0OTHER').replace('zone:', 'timezone:'),
    )
    const file = join(dir, 'shipmate.yml')
    expect(err).toContain('has 2 mistakes')
    expect(err).toMatch(
      new RegExp(`^${file}:4:1: timezone: wanted one of the keys .*zone.*, came the key "timezone"`, 'm'),
    )
    expect(err).toMatch(new RegExp(`^${file}:\\d+:5: environments\\.prod\\.chanel: .*Did you mean "channel"\\?`, 'm'))
  })

  it('says so when the file is not there', async () => {
    const shipmate = start({ SHIPMATE_CONFIG: join(dir, 'nowhere.yml') })
    expect(await shipmate.ended).toBe(1)
    expect(shipmate.err()).toMatch(/nowhere\.yml cannot be read/)
    expect(shipmate.err()).toContain('next: Set SHIPMATE_CONFIG to its path.')
    expect(programsOf(dir)).toEqual([])
  })
})

describe('a start that somebody stops before it is ready', () => {
  it('ends in order in the playground, and leaves nothing behind', async () => {
    const shipmate = start({ SHIPMATE_CONFIG: written(playgroundFile) })
    await waitFor('a part of the playground runs', async () => programsOf(dir).length > 1)
    expect(shipmate.out()).toBe('')
    expect(await shipmate.stop()).toBe(0)
    expect(shipmate.err()).toContain('Stopping as soon as the playground is open')
    expect(programsOf(dir)).toEqual([])
  })
})

describe('a start with an operator’s file that is wrong, on a database that is there', () => {
  it('says the same and ends, and what it acknowledged before that is handled by the next start', async () => {
    const database = await freshDatabase()
    stops.push(() => database.drop())
    const workspace = await workspaceAt()
    const port = await closedPort()
    const env = joining(workspace.port, { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: secret, PORT: String(port) })
    const onDatabase = { ...env, DATABASE_URL: database.url }
    const wrong = start({ ...onDatabase, SHIPMATE_CONFIG: written('zone: Europe/Rome\nservices: []\n') })
    const body = command({ command: '/ops', text: 'help', trigger_id: '1.2.early' })
    let acknowledged = false
    while (wrong.running() && !acknowledged) {
      const answer = await post(`http://127.0.0.1:${port}/slack/events`, body).catch(() => null)
      acknowledged = answer?.status === 200
    }
    expect(await wrong.ended).toBe(1)
    expect(acknowledged).toBe(true)
    expect(wrong.err()).toMatch(/^Shipmate did not start: .*shipmate\.yml has .*mistakes?: \(catalogue-invalid\)$/m)
    start({ ...onDatabase, SHIPMATE_CONFIG: written(playgroundFile) })
    const rows = openDatabase({ url: database.ownerUrl, name: 'test', role: null }, silentLog)
    stops.push(() => rows.close())
    const outcomes = 'select outcome, tries from shipmate.inbox where key = $1'
    await waitFor(
      'it is handled',
      async () => (await rows.query<{ outcome: string }>(outcomes, ['command 1.2.early']))[0]?.outcome === 'handled',
      60_000,
    )
  })
})

describe('a start with a wrong token', () => {
  it('stays up, names the variable, what Slack answered and what to do, and answers the terminal', async () => {
    const workspace = await workspaceAt()
    const wrong = joining(workspace.port, { SLACK_BOT_TOKEN: 'xoxb-wrong', SLACK_APP_TOKEN: 'xapp-wrong' })
    const shipmate = start(wrong)
    await waitFor('it is ready', () => shipmate.out().includes('http://'), 40_000)
    expect(shipmate.err()).toMatch(
      /^Slack does not accept SLACK_BOT_TOKEN \(invalid_auth\)\. Open https:.* start again\.$/m,
    )
    expect(shipmate.err()).toMatch(/^Slack does not accept SLACK_APP_TOKEN \(invalid_auth\)\. .* start again\.$/m)
    expect(shipmate.err()).not.toContain('xoxb-wrong')
    const here = { SHIPMATE_DIR: dir, HOME: dir }
    const asked = await runShipmate(['ops', 'status'], { ...here, SHIPMATE_TOKEN: 'shp_0123456789abcdef0123' })
    expect(asked.err).toMatch(/This token opens nothing/)
    expect(shipmate.running()).toBe(true)
    await shipmate.stop()
    const again = start(joining(workspace.port))
    await waitFor('it is ready again', () => again.out().includes('http://'), 40_000)
    await answersHelp(workspace.url)
  })

  it('ends before anything is started when a token is one of another kind', async () => {
    const shipmate = start(joining(1, { SLACK_BOT_TOKEN: 'xapp-swapped' }))
    expect(await shipmate.ended).toBe(1)
    expect(shipmate.err()).toContain(
      'SLACK_BOT_TOKEN: wanted a token that begins with xoxb-, came an app-level token (xapp-…).',
    )
    expect(shipmate.err()).not.toContain('swapped')
    expect(programsOf(dir)).toEqual([])
  })
})

describe('a start while Slack cannot be reached', () => {
  it('comes up, says so, and connects by itself when Slack is there', async () => {
    const port = await closedPort()
    const shipmate = start(joining(port))
    await waitFor('it is ready', () => shipmate.out().includes('http://'), 40_000)
    expect(shipmate.err()).toMatch(/^Slack cannot be reached \(.*ECONNREFUSED.*\)\. Check the network/m)
    const workspace = await workspaceAt(port)
    await answersHelp(workspace.url)
    expect(shipmate.running()).toBe(true)
  })
})

async function answersHelp(url: string): Promise<void> {
  const rita = createPerson(url, 'U0RITA')
  await waitFor(
    'Slack reaches Shipmate',
    async () => {
      await rita.send('releases', '/ops help')
      return (await rita.messages('releases')).some(({ text }) => text.startsWith('This is what you may say'))
    },
    20_000,
  )
}

/** A port nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
