import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { App } from '@slack/bolt'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import type { Parcel } from '../../../src/runs/inbox.js'
import { createHttpInlet } from '../../../src/slack/front-door/http-inlet.js'
import { bodyLimit } from '../../../src/slack/front-door/request-body.js'
import { command, event, interaction, post, secret, signedHeaders, submission, useDoorway } from './doorway.js'

const doorway = useDoorway()
const { front, query } = doorway

const rowsOf = async (body: string) =>
  query<{ outcome: string | null; kind: string }>('select outcome, kind from shipmate.inbox where body = $1', [body])
const done = (body: string) => expect.poll(async () => (await rowsOf(body))[0]?.outcome).toBe('handled')

describe('a request', () => {
  test('is in the database when it is acknowledged, and is handled after that', async () => {
    const atHandling: number[] = []
    let answered = false
    const { url } = await front((app) =>
      app.command('/deploy', async ({ ack, context }) => {
        await ack()
        expect(context).toMatchObject({ late: false, deliveryKey: expect.stringContaining('command ') })
        atHandling.push((await rowsOf(body)).length)
        answered = true
      }),
    )
    const body = command()
    expect(await post(url, body)).toEqual({ status: 200, text: '' })
    expect(await rowsOf(body)).toHaveLength(1)
    await done(body)
    expect([atHandling, answered]).toEqual([[1], true])
  })

  test.each([
    ['with a wrong signature', { secret: 'another' }],
    ['that is too old', { at: Math.floor(Date.now() / 1000) - 301 }],
    ['from the future', { at: Math.floor(Date.now() / 1000) + 400 }],
    ['with a time in another notation', { at: '1e9' }],
  ])('%s is refused and leaves nothing', async (_what, sending) => {
    const { url } = await front()
    const body = command()
    expect((await post(url, body, sending)).status).toBe(401)
    expect(await rowsOf(body)).toEqual([])
  })

  test('with a header twice is refused', async () => {
    const { url } = await front()
    const body = command()
    const { 'x-slack-signature': signature = '', 'x-slack-request-timestamp': at = '' } = signedHeaders(body)
    const twice = async (names: [string, string][]) =>
      (await fetch(url, { method: 'POST', body, headers: [...Object.entries(signedHeaders(body)), ...names] })).status
    expect(await twice([['X-Slack-Request-Timestamp', at]])).toBe(401)
    expect(await twice([['X-Slack-Signature', signature]])).toBe(401)
    expect(await rowsOf(body)).toEqual([])
  })

  test('to verify the URL is answered with the challenge, one that checks the certificate with yes', async () => {
    const { url } = await front()
    expect(await post(url, JSON.stringify({ type: 'url_verification', challenge: 'abc' }))).toEqual({
      status: 200,
      text: 'abc',
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const check = (body: string) => fetch(url, { method: 'POST', body, headers }).then(({ status }) => status)
    expect([
      await check('token=x&ssl_check=1'),
      await check('ssl_check=1&ssl_check=1'),
      await check('ssl_check=2'),
    ]).toEqual([200, 401, 401])
  })

  test('that cannot be read is refused, one that says only that events are held back is not', async () => {
    const { url } = await front()
    const type = (text: string) => ({ headers: { 'content-type': text } })
    expect((await post(url, '{"type":', type('application/json'))).status).toBe(400)
    expect((await post(url, 'payload=%7B', type('application/x-www-form-urlencoded'))).status).toBe(400)
    expect((await post(url, command(), type('text/plain'))).status).toBe(400)
    expect((await post(url, command(), type('application/x-www-form-urlencoded; charset=UTF-8'))).status).toBe(200)
    expect((await post(url, '{"type":"app_rate_limited","minute_rate_limited":1}')).status).toBe(200)
    expect((await fetch(url)).status).toBe(405)
    expect((await fetch(url.replace('/slack/events', '/else'))).status).toBe(404)
  })

  test('of a command the app does not have is answered at once with those it has', async () => {
    const { url } = await front()
    const body = command({ command: '/launch<!channel>' })
    const { status, text } = await post(url, body)
    expect(status).toBe(200)
    expect(text).toBe('Shipmate has no command /launchchannel. It has /deploy, /ops; `/ops help` explains them.')
    expect(await rowsOf(body)).toEqual([])
  })

  test('is refused, not lied about, while the database is away; an event that was refused is handled once', async () => {
    const inbox = doorway.inbox()
    const handled: string[] = []
    let hold: Promise<void> | null = null
    const { url } = await front(
      (app) => app.event('app_mention', async ({ body }) => void handled.push(body.event_id)),
      {
        inbox: {
          ...inbox,
          accept: async (parcels) => {
            await hold
            return inbox.accept(parcels)
          },
        },
      },
    )
    let release = () => {}
    hold = new Promise((resolve) => {
      release = resolve
    })
    const body = event()
    expect((await post(url, body)).status).toBe(503)
    release()
    hold = null
    await done(body)
    expect((await post(url, body)).status).toBe(200)
    expect(handled).toEqual([JSON.parse(body).event_id])
  })
})

describe('the same thing again', () => {
  test('is acknowledged and handled once: four times, at two processes, and twice in one batch', async () => {
    const handled: string[] = []
    const listen = (app: import('@slack/bolt').App) =>
      app.event('app_mention', async ({ body }) => void handled.push(body.event_id))
    const [one, two] = [await front(listen), await front(listen)]
    const events = Array.from({ length: 50 }, event)
    const sendings = events.flatMap((body) => [one, one, two, two].map(({ url }, retry) => ({ url, body, retry })))
    const answers = await Promise.all(
      sendings.map(({ url, body, retry }) =>
        post(url, body, { headers: retry > 0 ? { 'x-slack-retry-num': String(retry) } : {} }),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    for (const body of events) await done(body)
    expect(handled.sort()).toEqual(events.map((body) => JSON.parse(body).event_id).sort())
  })

  test('byte by byte within five minutes has one effect', async () => {
    let handled = 0
    const { url } = await front((app) =>
      app.action(/.*/, async ({ ack }) => {
        await ack()
        handled += 1
      }),
    )
    const body = interaction({
      type: 'block_actions',
      trigger_id: undefined,
      actions: [{ type: 'button', action_id: 'a' }],
    })
    const at = Math.floor(Date.now() / 1000)
    for (let again = 0; again < 3; again++) expect((await post(url, body, { at })).status).toBe(200)
    await expect.poll(() => handled).toBe(1)
  })
})

describe('what a process that died had accepted', () => {
  const left = async (body: string, ageMs: number, more: Partial<Parcel> = {}) => {
    const inbox = doorway.inbox()
    const receivedAt = new Date(Date.now() - ageMs)
    await inbox.accept([
      {
        team: 'T1',
        key: `left ${body.length} ${ageMs}`,
        kind: 'command',
        format: 'form',
        body,
        answer: null,
        receivedAt,
        ...more,
      },
    ])
    await inbox.close()
  }

  test('is handed on by the next one, with a word when its trigger is too old for a window', async () => {
    const [young, old] = [command({ text: 'young' }), command({ text: 'old' })]
    await left(young, 10)
    await left(old, 10_000)
    const late: { [text: string]: unknown } = {}
    await front((app) =>
      app.command('/deploy', async ({ command: { text }, context }) => {
        late[text] = context.late
      }),
    )
    await expect.poll(() => late).toEqual({ young: false, old: true })
    await done(old)
  })

  test('is left alone by fronts that end before anybody listens: a start that fails is no try', async () => {
    const lying = command({ text: 'lying' })
    await left(lying, 40)
    for (let start = 0; start < 11; start++) {
      const inbox = doorway.inbox()
      const options = { secrets: [{ secret }], commands: null, responseOrigins: [], port: 0 }
      const inlet = createHttpInlet({ ...options, inbox, clock: systemClock, log: silentLog })
      await inlet.start()
      await inlet.stop()
      await inbox.close()
    }
    expect(await query('select tries, done_at from shipmate.inbox where body = $1', [lying])).toEqual([
      { tries: 1, done_at: null },
    ])
    await front((app) => app.command('/deploy', async () => {}))
    await done(lying)
  })

  test('is given up when it cannot be read, or has ended too many processes', async () => {
    const poison = command({ text: 'poison' })
    await left('{"type":', 20, { format: 'json' })
    await left(poison, 30)
    await query('update shipmate.inbox set tries = 10 where body = $1', [poison])
    let handled = 0
    await front((app) =>
      app.command('/deploy', async () => {
        handled += 1
      }),
    )
    for (const body of ['{"type":', poison])
      await expect.poll(async () => (await rowsOf(body))[0]?.outcome).toBe('given up')
    expect(handled).toBe(0)
  })
})

describe('an answer that is the acknowledgement', () => {
  const errors = { response_action: 'errors', errors: { version: 'There is no such version.' } }

  test('is the same for a redelivery, at whatever process it comes in', async () => {
    let decided = 0
    const answers = { viewSubmission: async () => ({ response_action: 'push', view: { number: ++decided } }) }
    const [one, two] = [await front(() => {}, { answers }), await front(() => {}, { answers })]
    const body = submission()
    const first = await post(one.url, body)
    expect(JSON.parse(first.text)).toEqual({ response_action: 'push', view: { number: 1 } })
    expect(await post(one.url, body)).toEqual(first)
    expect(await post(two.url, body)).toEqual(first)
  })

  test('ends the matter when it names errors', async () => {
    let heard = 0
    const listen = (app: App) =>
      app.view(/.*/, async () => {
        heard += 1
      })
    const { url } = await front(listen, { answers: { viewSubmission: async () => errors } })
    expect(JSON.parse((await post(url, submission())).text)).toEqual(errors)
    await expect
      .poll(async () => (await query("select from shipmate.inbox where outcome = 'answered'")).length)
      .toBeGreaterThan(0)
    expect(heard).toBe(0)
  })

  test('that does not come in time is not made up', async () => {
    const { url } = await front(() => {}, { answers: { viewSubmission: () => new Promise(() => {}) } })
    expect((await post(url, submission())).status).toBe(503)
  })

  test('closes the window where no function decides, and the listener works afterwards', async () => {
    let heard = 0
    const { url } = await front((app) =>
      app.view(/.*/, async ({ ack }) => {
        await ack({ response_action: 'errors', errors: errors.errors })
        heard += 1
      }),
    )
    expect(await post(url, submission())).toEqual({ status: 200, text: '' })
    await expect.poll(() => heard).toBe(1)
  })

  test('offers the options of a select', async () => {
    const options = { options: [{ text: { type: 'plain_text', text: 'v1' }, value: 'v1' }] }
    const { url } = await front(() => {}, { answers: { suggestion: async () => options } })
    const body = interaction({ type: 'block_suggestion', trigger_id: undefined, action_id: 'version', value: 'v' })
    expect(JSON.parse((await post(url, body)).text)).toEqual(options)
  })
})

test('what a listener says in its ack after the acknowledgement goes to the response_url, and nowhere else', async () => {
  const told: string[] = []
  const slack = createServer((request, response) => {
    request.on('data', (chunk) => told.push(String(chunk)))
    request.on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void slack.close())
  await once(slack, 'listening')
  const address = slack.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const refused: string[] = []
  const listen = (app: import('@slack/bolt').App) =>
    app.command('/deploy', async ({ ack }) => {
      await ack({ response_type: 'ephemeral', text: 'It is under way.' }).catch(() => refused.push('no'))
      await ack()
    })
  const allowed = await front(listen, { responseOrigins: [origin] })
  const body = command({ response_url: `${origin}/respond/1` })
  await post(allowed.url, body)
  await done(body)
  expect(told.map((text) => JSON.parse(text))).toEqual([{ response_type: 'ephemeral', text: 'It is under way.' }])
  const strict = await front(listen)
  const strange = command({ response_url: `${origin}/respond/2` })
  await post(strict.url, strange)
  await done(strange)
  expect([told.length, refused]).toEqual([1, ['no']])
})

describe('clients that are not Slack', () => {
  test('that flood the front unsigned, or wrongly signed, reach neither the database nor, line by line, the log', async () => {
    const warned: object[] = []
    const log = { ...silentLog, warn: (fields: object) => void warned.push(fields) }
    const { url } = await front((app) => app.command('/deploy', async ({ ack }) => ack()), { log })
    const before = (await query('select from shipmate.inbox')).length
    const flood = Array.from({ length: 1_000 }, async (_, number) => {
      const forged = { secret: 'another secret' }
      const unsigned = { headers: { 'x-slack-signature': '' } }
      return post(url, command(), number % 2 ? forged : unsigned).then(
        ({ status }) => status,
        () => 'cut off',
      )
    })
    const honest = [command(), command({ command: '/unheard-of' }), command()]
    for (const body of honest) expect((await post(url, body)).status).toBe(200)
    const answers = await Promise.all(flood)
    expect(answers.filter((answer) => answer !== 401 && answer !== 'cut off')).toEqual([])
    expect(answers).toContain(401)
    expect((await query('select from shipmate.inbox')).length).toBe(before + 2)
    expect(warned.length).toBeLessThan(10)
    expect(warned.find((one) => 'times' in Object(one))).toEqual({ times: 1 })
  })

  test('that send slowly, or too much, do not keep honest ones waiting, and are cut off', async () => {
    const { url } = await front((app) => app.command('/deploy', async ({ ack }) => ack()))
    const { port } = new URL(url)
    const slow = Array.from({ length: 200 }, (_, index) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.write('POST /slack/events HTTP/1.1\r\nHost: x\r\n')
      if (index % 2) socket.write(`${slowHead()}\r\n\r\ncommand`)
      return socket
    })
    const big = Buffer.alloc(bodyLimit + 1)
    const flood = Array.from({ length: 20 }, () =>
      post(url, big.toString()).then(
        ({ status }) => status,
        () => 413,
      ),
    )
    for (let turn = 0; turn < 20; turn++) expect((await post(url, command())).status).toBe(200)
    expect(new Set(await Promise.all(flood))).toEqual(new Set([413]))
    await Promise.all(slow.map((socket) => (socket.closed ? undefined : once(socket, 'close'))))
  })
})

const slowHead = () =>
  Object.entries({ ...signedHeaders('x'), 'content-length': '600' })
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')
