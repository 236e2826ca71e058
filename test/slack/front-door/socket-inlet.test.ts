import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { WebClient } from '@slack/web-api'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { createSocketInlet, type SocketInletParts } from '../../../src/slack/front-door/socket-inlet.js'
import { openLine } from '../../../src/slack/front-door/socket-line.js'
import { startTestWorkspace } from '../../playground/workspace/started.js'
import { boltBehind } from '../../support/bolt-behind.js'
import { useDoorway } from './doorway.js'

const doorway = useDoorway()
const { workspace, control, rita } = await startTestWorkspace()
afterAll(() => workspace.close())

const createInlet = (more: Partial<SocketInletParts> = {}) =>
  createSocketInlet({
    inbox: doorway.inbox(),
    commands: ['/deploy', '/ops'],
    responseOrigins: [workspace.url],
    appToken: workspace.tokens.app,
    apiUrl: `${workspace.url}/api/`,
    clock: systemClock,
    log: silentLog,
    ...more,
  })

/** A Bolt app behind our connections to the local workspace, and the texts of the commands it heard. */
async function connected(more: Partial<SocketInletParts> = {}) {
  const heard: string[] = []
  const inlet = createInlet(more)
  const app = boltBehind(inlet.receiver)
  app.command('/deploy', async ({ ack, command }) => {
    heard.push(command.text)
    await ack()
  })
  app.event('message', async ({ event }) => {
    if ('text' in event) heard.push(event.text ?? '')
  })
  await inlet.start()
  onTestFinished(() => inlet.stop())
  await expect.poll(() => control.sockets('status')).toBe(more.lines ?? 2)
  return { inlet, heard }
}

/** The workspace's Web API, each of whose answers waits until it is let go. */
async function heldAnswers() {
  const waiting: (() => void)[] = []
  const asked: ((letGo: () => void) => void)[] = []
  const server = createHttpServer(async (request, response) => {
    const answer = await passedOn(request)
    const letGo = () => void response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    const next = asked.shift()
    if (next) next(letGo)
    else waiting.push(letGo)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    /** The next call that is asked, as what lets its answer go. */
    next: () =>
      new Promise<() => void>((take) => (waiting.length > 0 ? take(waiting.shift() as () => void) : asked.push(take))),
  }
}

async function passedOn(request: IncomingMessage): Promise<string> {
  const { authorization = '', 'content-type': type = '' } = request.headers
  const headers = { authorization, 'content-type': type }
  const body = await text(request)
  return (await fetch(`${workspace.url}${request.url}`, { method: 'POST', headers, body })).text()
}

const rowsWith = (text: string) =>
  doorway.query<{ outcome: string }>('select outcome from shipmate.inbox where position($1 in body) > 0', [text])

describe('over Socket Mode', () => {
  test('a command is committed, acknowledged and then handled', async () => {
    const { heard } = await connected()
    expect(await rita.send('releases', '/deploy one')).toEqual({ ok: true })
    expect(await rowsWith('"text":"one"')).toHaveLength(1)
    await expect.poll(() => heard).toEqual(['one'])
    await expect.poll(async () => (await rowsWith('"text":"one"'))[0]?.outcome).toBe('handled')
  })

  test('what is delivered again is acknowledged again and handled once', async () => {
    const { heard } = await connected()
    await rita.send('releases', 'hello there')
    await expect.poll(() => heard).toEqual(['hello there'])
    const { seq } = (await control.deliveries('events_api')).at(-1) ?? { seq: 0 }
    await control.redeliver(seq, 3)
    await expect
      .poll(async () => (await control.deliveries('events_api')).filter(({ outcome }) => outcome === 'acked').length)
      .toBeGreaterThanOrEqual(4)
    expect(heard).toEqual(['hello there'])
  })

  test('nothing is lost while connections are dropped, refreshed and warned again and again', async () => {
    const { heard } = await connected()
    const orders = ['drop', 'refresh_requested', 'warning', 'drop', 'refresh_requested'] as const
    const said: string[] = []
    for (const [turn, order] of orders.entries()) {
      const sending = Array.from({ length: 4 }, async (_, number) => {
        const text = `message ${turn}.${number}`
        said.push(text)
        await rita.send('releases', text)
      })
      await Promise.all([...sending, control.sockets(order)])
      await expect.poll(() => control.sockets('status'), { timeout: 20_000 }).toBeGreaterThan(0)
    }
    // Events that found no connection, or a dying one, come again on Slack's schedule.
    await expect
      .poll(
        async () => {
          await control.advance(61_000)
          return [...new Set(heard)].sort()
        },
        { timeout: 25_000, interval: 200 },
      )
      .toEqual(said.sort())
    expect(heard).toHaveLength(said.length)
  })

  test('an event without content does no harm', async () => {
    const { heard } = await connected()
    await control.sockets('app_rate_limited')
    await rita.send('releases', '/deploy after')
    await expect.poll(() => heard).toEqual(['after'])
  })

  test('a closed link is told in plain words, and so is a token that is refused', async () => {
    const { inlet } = await connected()
    await control.sockets('link_disabled')
    await expect.poll(() => inlet.problem()).toContain('Socket Mode is switched off')
    const wrong = createSocketInlet({
      inbox: doorway.inbox(),
      commands: null,
      responseOrigins: [],
      appToken: 'xapp-wrong',
      apiUrl: `${workspace.url}/api/`,
      clock: systemClock,
      log: silentLog,
    })
    boltBehind(wrong.receiver)
    await wrong.start()
    onTestFinished(() => wrong.stop())
    expect(wrong.problem()).toContain('does not accept SLACK_APP_TOKEN (invalid_auth)')
  })

  test('a stop while a connection is asked for ends everything, at the start and after one was lost', async () => {
    const asking = await heldAnswers()
    const made = { lines: 1, apiUrl: asking.url }
    const first = createInlet(made)
    boltBehind(first.receiver)
    const starting = first.start()
    const answerFirst = await asking.next()
    await first.stop()
    answerFirst()
    await starting

    const second = createInlet(made)
    boltBehind(second.receiver)
    const begun = second.start()
    const answerNow = await asking.next()
    answerNow()
    await begun
    await expect.poll(() => control.sockets('status')).toBe(1)
    await control.sockets('drop')
    const answerSecond = await asking.next()
    const stopped = second.stop()
    answerSecond()
    await stopped
    await expect.poll(() => control.sockets('status')).toBe(0)
  })

  test('a connection that went silent without a word is replaced', async () => {
    const held: Socket[] = []
    let silent = false
    const target = new URL(workspace.url)

    const proxy = createServer((near) => {
      const far = connect(Number(target.port), '127.0.0.1')
      held.push(near, far)
      for (const socket of [near, far]) socket.on('error', () => {})
      near.on('data', (chunk) => silent || far.write(chunk))
      far.on('data', (chunk) => silent || near.write(chunk))
    }).listen(0, '127.0.0.1')
    onTestFinished(() => {
      for (const socket of held) socket.destroy()
      proxy.close()
    })
    const { url = '' } = await new WebClient(workspace.tokens.app, {
      slackApiUrl: `${workspace.url}/api/`,
    }).apps.connections.open()
    const through = new URL(url)
    const address = proxy.address()
    through.port = String(typeof address === 'object' ? address?.port : 0)
    const line = openLine({ url: through.href, onFrame: async () => null, pulseMs: 50 })
    expect(await line.greeted).toBe(true)
    silent = true
    expect(await line.leaving).toBe('closed')
  })
})
