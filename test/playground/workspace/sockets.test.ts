import { WebClient } from '@slack/web-api'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { waitFor } from '../../support/wait-for.js'
import { silent, startBoltApp, startTestWorkspace } from './started.js'

type Frame = { type: string; envelope_id?: string; reason?: string; [field: string]: unknown }

const { workspace, control, rita, client } = await startTestWorkspace()
const connector = new WebClient('xapp-playground', { slackApiUrl: `${workspace.url}/api/`, logger: silent })
const open: WebSocket[] = []

afterEach(async () => {
  await control.sockets('drop')
  await waitFor('all sockets are closed', () => open.every((socket) => socket.readyState === WebSocket.CLOSED))
  open.splice(0)
})
afterAll(() => workspace.close())

/** A raw connection that notes frames; it acknowledges only when it is told to. */
async function connect(options: { ack?: boolean } = {}) {
  const { url = '' } = await connector.apps.connections.open()
  const socket = new WebSocket(url)
  const frames: Frame[] = []
  let pings = 0
  socket.on('ping', () => {
    pings += 1
  })
  socket.on('message', (data) => {
    const frame: Frame = JSON.parse(String(data))
    frames.push(frame)
    if (frame.envelope_id && options.ack !== false) socket.send(JSON.stringify({ envelope_id: frame.envelope_id }))
  })
  const connection = { url, socket, frames, pings: () => pings, see: seeFrame(frames) }
  open.push(socket)
  await connection.see((frame) => frame.type === 'hello' || frame.type === 'disconnect')
  return connection
}

const seeFrame = (frames: Frame[]) => (wanted: (frame: Frame) => boolean) =>
  waitFor('a frame', () => frames.find(wanted))

describe('a Socket Mode url', () => {
  it('works once', async () => {
    const { url, frames } = await connect()
    expect(frames[0]).toMatchObject({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A0SHIPMATE' } })
    const second = new WebSocket(url)
    const status = await new Promise((resolve) => {
      second.on('unexpected-response', (_request, response) => resolve(response.statusCode))
      second.on('error', () => {})
    })
    expect(status).toBe(404)
  })

  it('is given to app tokens alone', async () => {
    await expect(client.apps.connections.open()).rejects.toThrow(/not_allowed_token_type/)
  })
})

describe('connections', () => {
  it('get each payload on exactly one of them, in turn', async () => {
    const [one, two] = [await connect(), await connect()]
    for (let turn = 0; turn < 4; turn++) await rita.send('releases', '/deploy')
    const commands = (frames: Frame[]) => frames.filter((frame) => frame.type === 'slash_commands').length
    expect([commands(one.frames), commands(two.frames)]).toEqual([2, 2])
    expect(one.frames.at(-1)).toMatchObject({ accepts_response_payload: true })
  })

  it('are ten at most', async () => {
    for (let number = 1; number <= 10; number++) await connect()
    const eleventh = await connect()
    expect(eleventh.frames[0]).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' })
    expect(await control.sockets('status')).toBe(10)
  })

  it('hear a warning ten seconds before they are refreshed', async () => {
    const { see, socket } = await connect()
    await control.advance(3590_000)
    await see((frame) => frame.reason === 'warning')
    await control.advance(10_000)
    await see((frame) => frame.reason === 'refresh_requested')
    await control.advance(1000)
    await waitFor('it is closed', () => socket.readyState === WebSocket.CLOSED)
  })

  it('are pinged', async () => {
    const { pings } = await connect()
    await waitFor('a ping', () => pings() > 0)
  })

  it.each(['link_disabled', 'refresh_requested'] as const)('hear %s on order', async (reason) => {
    const { see } = await connect()
    await control.sockets(reason)
    await see((frame) => frame.type === 'disconnect' && frame.reason === reason)
  })

  it('hear app_rate_limited without an inner event on order', async () => {
    const { see } = await connect()
    await control.sockets('app_rate_limited')
    const { payload } = await see((frame) => frame.type === 'events_api')
    expect(payload).toMatchObject({ type: 'app_rate_limited', api_app_id: 'A0SHIPMATE' })
  })
})

describe('an event that nobody acknowledges', () => {
  it('comes again after about a second, a minute and five minutes, and then no more', async () => {
    const { frames } = await connect({ ack: false })
    await rita.send('releases', 'Hello?')
    const attempts = () => frames.filter((frame) => frame.type === 'events_api').map((frame) => frame.retry_attempt)
    for (const [attempt, wait] of [1000, 60_000, 300_000].entries()) {
      await waitFor(`attempt ${attempt}`, () => attempts().length === attempt + 1)
      await control.advance(3000)
      await waitFor('it timed out', async () => (await control.deliveries('events_api')).at(-1)?.outcome === 'timeout')
      await control.advance(wait)
    }
    await waitFor('the last attempt', () => attempts().length === 4)
    await control.advance(3_600_000)
    expect(attempts()).toEqual([0, 1, 2, 3])
    expect(frames.filter((frame) => frame.type === 'events_api').at(-1)).toMatchObject({ retry_reason: 'timeout' })
  })

  it('is warned about when its acknowledgement carries an answer', async () => {
    const { socket } = await connect({ ack: false })
    socket.on('message', (data) => {
      const { envelope_id } = JSON.parse(String(data))
      socket.send(JSON.stringify({ envelope_id, payload: { text: 'no place for this' } }))
    })
    await rita.send('releases', 'Hello!')
    const warned = await waitFor('it is acknowledged', async () => {
      const last = (await control.deliveries('events_api')).at(-1)
      return last?.outcome === 'acked' && last
    })
    expect(warned.warning).toContain('accepts none')
  })
})

describe('a Bolt app', () => {
  const heard: string[] = []
  let app: Awaited<ReturnType<typeof startBoltApp>>
  beforeEach(async () => {
    app = await startBoltApp(workspace, (bolt) => {
      bolt.command('/deploy', async ({ ack, command }) => {
        heard.push(command.text)
        await ack()
      })
    })
  })
  afterEach(() => app.stop())

  it('comes back after its connection was dropped', async () => {
    expect(await control.sockets('drop')).toBe(0)
    await waitFor('it is back', async () => (await control.sockets('status')) === 1, 20_000)
    expect(await rita.send('releases', '/deploy again')).toEqual({ ok: true })
    expect(heard).toContain('again')
  })
})
