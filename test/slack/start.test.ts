import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startWorkspace } from '../../playground/workspace/server.js'
import { systemClock } from '../../src/clock.js'
import { usualSettings } from '../../src/incidents/settings.js'
import { createLog } from '../../src/log.js'
import { createSlackFace, type SlackFaceConfig } from '../../src/slack/app.js'
import { createDirectory } from '../../src/slack/directory.js'
import { createHttpInlet } from '../../src/slack/front-door/http-inlet.js'
import { createSocketInlet } from '../../src/slack/front-door/socket-inlet.js'
import { createIdentity } from '../../src/slack/identity.js'
import { createSlackWeb } from '../../src/slack/web.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { waitFor } from '../support/wait-for.js'
import { testInbox } from './front-door/test-inbox.js'
import { scriptedDesk } from './scripted-desk.js'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

let database: TestDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database?.drop())

type Delivery = { appToken: string } | { secret: string }

function faceFor({ delivery, ...config }: SlackFaceConfig & { apiUrl: string; delivery: Delivery }) {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const web = createSlackWeb({ token: config.botToken, apiUrl: config.apiUrl, log, timeoutMs: 1_000 })
  const identity = createIdentity(web)
  const { desk, asked } = scriptedDesk()
  const responseOrigins = [new URL(config.apiUrl).origin]
  const inbox = testInbox(database.url)
  stops.push(inbox.close)
  const door = { inbox, commands: null, responseOrigins, clock: systemClock, log }
  const inlet =
    'appToken' in delivery
      ? createSocketInlet({ ...door, appToken: delivery.appToken, apiUrl: config.apiUrl })
      : createHttpInlet({ ...door, secrets: [delivery], port: null })
  const face = createSlackFace(
    config,
    {
      desk,
      runs: { view: async () => null },
      cards: { cardAt: async () => null },
      channelOf: () => null,
      settings: usualSettings,
      directory: createDirectory({ web, identity, clock: systemClock }),
      identity,
      web,
      responseOrigins,
      clock: systemClock,
      log,
    },
    inlet,
  )
  stops.push(() => face.stop())
  return { face, asked, lines }
}

async function workspaceAt(port?: number) {
  const workspace = await startWorkspace({ manifestPath: 'manifest.yml', limits: false, ...(port ? { port } : {}) })
  stops.push(() => workspace.close())
  return workspace
}

/** A port nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('starting', () => {
  it('goes on when Slack cannot be reached, says so, and connects when it can', async () => {
    const port = await closedPort()
    const { face, lines } = faceFor({
      apiUrl: `http://127.0.0.1:${port}/api/`,
      botToken: 'xoxb-playground',
      delivery: { appToken: 'xapp-playground' },
    })
    await face.start()
    expect(face.problems().join('\n')).toMatch(/Slack cannot be reached .*Check the network/)
    await workspaceAt(port)
    await waitFor('it is connected', () => face.problems().length === 0, 20_000)
    expect(lines.join('')).not.toContain('xoxb-playground')
    expect(lines.join('')).not.toContain('xapp-playground')
  })

  it('names the variable and the page when a token is wrong', async () => {
    const { url } = await workspaceAt()
    const { face } = faceFor({ apiUrl: `${url}/api/`, botToken: 'xoxb-wrong', delivery: { appToken: 'xapp-wrong' } })
    await face.start()
    const problems = face.problems().join('\n')
    expect(problems).toContain('Slack does not accept SLACK_BOT_TOKEN (invalid_auth). Open https://api.slack.com/apps')
    expect(problems).toContain('Slack does not accept SLACK_APP_TOKEN (invalid_auth). Open https://api.slack.com/apps')
  })
})

describe('signed HTTP', () => {
  it('takes what Slack signed now, and nothing that is unsigned, altered, old or from the future', async () => {
    const { url } = await workspaceAt()
    const secret = 'a-signing-secret'
    const { face, asked } = faceFor({ apiUrl: `${url}/api/`, botToken: 'xoxb-playground', delivery: { secret } })
    await face.start()
    const server = createServer((request, response) => face.listener?.(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stops.push(async () => void server.close())
    const { port } = server.address() as AddressInfo
    const send = async (at: number, altered = '') => {
      const body = new URLSearchParams({
        command: '/ops',
        text: 'status',
        user_id: 'U0RITA',
        user_name: 'rita',
        team_id: 'T0PLAYGROUND',
        channel_id: 'C0RELEASES',
        trigger_id: `1.${at}`,
        response_url: 'https://evil.example/',
      }).toString()
      const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(at),
        'x-slack-signature': signature,
      }
      return (await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body: body + altered }))
        .status
    }
    const now = Math.floor(Date.now() / 1000)
    expect(await send(now)).toBe(200)
    expect([
      await send(now, '&text=lock'),
      await send(now - 400),
      await send(now + 400),
      await send(now + 10 ** 9),
    ]).toEqual([401, 401, 401, 401])
    await waitFor('the desk was asked', () => asked.length > 0)
    expect(asked.length).toBe(1)
  })
})
