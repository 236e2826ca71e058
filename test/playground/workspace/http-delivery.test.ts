import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { App, HTTPReceiver } from '@slack/bolt'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../../../src/free-port.js'
import { waitFor } from '../../support/wait-for.js'
import { silent, startTestWorkspace } from './started.js'

type Got = { body: string; headers: IncomingMessage['headers'] }
type Answers = (got: Got) => { status: number; headers?: { [name: string]: string } } | undefined

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A request URL that notes what came; url_verification passes, and `answers` decides about the rest. */
async function startListener(answers: Answers = () => ({ status: 200 })) {
  const got: Got[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (body.includes('url_verification')) return void response.end(JSON.parse(body).challenge)
    const one = { body, headers: request.headers }
    got.push(one)
    const answer = answers(one)
    if (answer) response.writeHead(answer.status, answer.headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { got, url: `http://127.0.0.1:${port}/slack/events` }
}

async function startOverHttp(url: string) {
  const started = await startTestWorkspace({ delivery: { mode: 'http', url } })
  closing.push(() => started.workspace.close())
  const verified = async () => Object(await started.control.get('/workspace')).app.connected
  return { ...started, verified }
}

describe('signed HTTP delivery', () => {
  it('passes Bolt’s own verification, and its answers reach the person', async () => {
    const receiver = new HTTPReceiver({ signingSecret: 'playground-signing-secret', logger: silent })
    const port = await freePort()
    const { workspace, rita, verified } = await startOverHttp(`http://127.0.0.1:${port}/slack/events`)
    const clientOptions = { slackApiUrl: `${workspace.url}/api/` }
    const app = new App({ token: workspace.tokens.bot, receiver, logger: silent, clientOptions })
    const mentions: string[] = []
    app.command('/deploy', async ({ ack }) => ack('Planned.'))
    app.event('app_mention', async ({ event }) => void mentions.push(event.text))
    await app.start(port)
    closing.push(() => app.stop())
    await waitFor('the url is verified', verified)
    expect(await rita.send('releases', '/deploy prod')).toMatchObject({ ok: true })
    await rita.seeMessage('releases', /Planned/)
    await rita.send('releases', '@shipmate hello')
    await waitFor('the mention', () => mentions.length === 1)
  })

  it('sends bare content types', async () => {
    const { got, url } = await startListener()
    const { rita } = await startOverHttp(url)
    await rita.send('releases', '/deploy prod')
    await rita.send('releases', 'Hello')
    await waitFor('both', () => got.length === 2)
    expect(got.map(({ headers }) => headers['content-type'])).toEqual([
      'application/x-www-form-urlencoded',
      'application/json',
    ])
    expect(Object.fromEntries(new URLSearchParams(got[0]?.body))).toMatchObject({ command: '/deploy', text: 'prod' })
    expect(got[0]?.headers['x-slack-signature']).toMatch(/^v0=[0-9a-f]{64}$/)
  })

  it('retries a failed event three times with number and reason', async () => {
    const { got, url } = await startListener(() => ({ status: 500 }))
    const { rita, control } = await startOverHttp(url)
    await rita.send('releases', 'Hello')
    for (const [attempt, wait] of [1000, 60_000, 300_000, 3_600_000].entries()) {
      await waitFor(`attempt ${attempt}`, () => got.length === attempt + 1)
      await waitFor('it failed', async () => (await control.deliveries()).at(-1)?.outcome === 'error')
      await control.advance(wait)
    }
    expect(got.map(({ headers }) => headers['x-slack-retry-num'])).toEqual([undefined, '1', '2', '3'])
    expect(got[1]?.headers['x-slack-retry-reason']).toBe('http_error')
    expect(new Set(got.map(({ body }) => JSON.parse(body).event_id)).size).toBe(1)
  })

  it('stops retrying when the app says so', async () => {
    const { got, url } = await startListener(() => ({ status: 500, headers: { 'x-slack-no-retry': '1' } }))
    const { rita, control } = await startOverHttp(url)
    await rita.send('releases', 'Hello')
    await waitFor('it failed', async () => (await control.deliveries()).at(-1)?.outcome === 'error')
    await control.advance(3_600_000)
    expect(got).toHaveLength(1)
  })

  it('follows two redirects and no third', async () => {
    const last = await startListener()
    const hop = async (to: string) => (await startListener(() => ({ status: 307, headers: { location: to } }))).url
    const twice = await startOverHttp(await hop(await hop(last.url)))
    expect(await twice.rita.send('releases', '/deploy')).toEqual({ ok: true })
    expect(last.got).toHaveLength(1)
    const thrice = await startOverHttp(await hop(await hop(await hop(last.url))))
    expect((await thrice.rita.send('releases', '/deploy')).notice).toContain('dispatch_failed')
  })

  it('waits three seconds for a command and then says operation_timeout', async () => {
    const { got, url } = await startListener(() => undefined)
    const { rita, control } = await startOverHttp(url)
    const reply = rita.send('releases', '/deploy prod')
    await waitFor('the command', () => got.length === 1)
    await control.advance(3000)
    expect((await reply).notice).toBe('/deploy failed with the error "operation_timeout"')
  })

  it('says dispatch_failed when the app answers anything but 200', async () => {
    const { url } = await startListener(() => ({ status: 500 }))
    const { rita } = await startOverHttp(url)
    expect((await rita.send('releases', '/deploy')).notice).toBe('/deploy failed with the error "dispatch_failed"')
  })

  it('opens no Socket Mode connections', async () => {
    const { url } = await startListener()
    const { clientWith } = await startOverHttp(url)
    await expect(clientWith('xapp-playground').apps.connections.open()).rejects.toThrow(/socket_mode_not_enabled/)
  })
})
