import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startWorkspace } from '../../playground/workspace/server.js'
import { systemClock } from '../../src/clock.js'
import { createLog } from '../../src/log.js'
import { createSlackFace, type SlackFaceConfig } from '../../src/slack/app.js'
import { createDirectory } from '../../src/slack/directory.js'
import { createIdentity } from '../../src/slack/identity.js'
import { createSlackWeb } from '../../src/slack/web.js'
import { waitFor } from '../support/wait-for.js'
import { scriptedDesk } from './scripted-desk.js'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

function faceFor(config: Partial<SlackFaceConfig> & { apiUrl: string; botToken: string }) {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const web = createSlackWeb({ token: config.botToken, apiUrl: config.apiUrl, log, timeoutMs: 1_000 })
  const identity = createIdentity(web)
  const { desk, asked } = scriptedDesk()
  const face = createSlackFace(
    { appToken: null, signingSecret: null, port: null, ...config },
    {
      desk,
      runs: { view: async () => null },
      cards: { cardAt: async () => null },
      channelOf: () => null,
      directory: createDirectory({ web, identity, clock: systemClock }),
      identity,
      web,
      clock: systemClock,
      log,
    },
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
      appToken: 'xapp-playground',
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
    const { face } = faceFor({ apiUrl: `${url}/api/`, botToken: 'xoxb-wrong', appToken: 'xapp-wrong' })
    await face.start()
    const problems = face.problems().join('\n')
    expect(problems).toContain('Slack does not accept SLACK_BOT_TOKEN (invalid_auth). Open https://api.slack.com/apps')
    expect(problems).toContain('Slack does not accept SLACK_APP_TOKEN (invalid_auth). Open https://api.slack.com/apps')
  })

  it('refuses to be without a way for Slack to reach it', () => {
    expect(() => faceFor({ apiUrl: 'http://127.0.0.1:1/api/', botToken: 'xoxb-playground' })).toThrow(
      'Slack has no way to reach Shipmate.',
    )
  })
})

describe('signed HTTP', () => {
  it('takes what Slack signed now, and nothing that is unsigned, altered, old or from the future', async () => {
    const { url } = await workspaceAt()
    const secret = 'a-signing-secret'
    const { face, asked } = faceFor({ apiUrl: `${url}/api/`, botToken: 'xoxb-playground', signingSecret: secret })
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
    expect(asked.length).toBe(1)
  })
})
