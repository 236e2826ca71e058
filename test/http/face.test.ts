import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failed, faulted } from '../../src/errors.js'
import { deployRun, requester, startTerminalFace, token } from '../support/terminal-face.js'

type Face = Awaited<ReturnType<typeof startTerminalFace>>
let face: Face

beforeAll(async () => {
  face = await startTerminalFace()
})
afterAll(() => face.close())

const authorized = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

async function post(path: string, body: unknown, headers: Record<string, string> = authorized) {
  const response = await fetch(face.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

async function get(path: string, headers: Record<string, string> = authorized) {
  const response = await fetch(face.url + path, { headers })
  return { status: response.status, text: await response.text() }
}

describe('who speaks', () => {
  test('comes from the token alone, whatever the body claims', async () => {
    const body = { command: 'deploy', words: 'prod v1.8.0', requestKey: 'key-0001' }
    expect((await post('/v1/say', body)).status).toBe(200)
    expect(face.said.at(-1)).toMatchObject({ words: 'prod v1.8.0', command: 'deploy' })
    expect(face.said.at(-1)?.asker).toEqual({
      actor: requester,
      team: 'T1',
      via: 'terminal',
      requestKey: 'terminal:U1:key-0001',
    })
    const forged = await post('/v1/say', { ...body, actor: 'U9' })
    expect(forged.status).toBe(400)
    expect(forged.body.error.code).toBe('request-malformed')
  })

  test('is refused with three parts when there is no token, and the header says how', async () => {
    const answer = await post('/v1/say', {}, { 'content-type': 'application/json' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(answer.body.error).toMatchObject({ code: 'token-missing', what: expect.any(String) })
    expect(answer.body.error.why).not.toBe('')
    expect(answer.body.error.next).toContain('shipmate login')
  })

  test('is refused when the token is unknown, and the token is nowhere in the log', async () => {
    const wrong = 'shp_wrong00000000000000000000'
    const answer = await post('/v1/press', {}, { ...authorized, authorization: `Bearer ${wrong}` })
    expect(answer.status).toBe(401)
    expect(answer.body.error.code).toBe('token-unknown')
    expect(face.logged.join('')).not.toContain(wrong)
    expect(face.logged.join('')).not.toContain(token)
  })

  test('is nobody any more once Slack says that they left, whatever token they hold', async () => {
    const standing = { id: 'U1', name: 'Ada', barred: 'deactivated', groups: [], zone: null, asOf: new Date() }
    const left = await startTerminalFace({ people: { standing: async () => standing } })
    const headers = { authorization: `Bearer ${token}` }
    const answers = await Promise.all(['/v1/me', '/v1/audit'].map((path) => fetch(left.url + path, { headers })))
    await left.close()
    expect(answers.map(({ status }) => status)).toEqual([403, 403])
    expect(await answers[0]?.json()).toMatchObject({
      error: { code: 'barred', why: expect.stringMatching(/deactivated/) },
    })
  })

  test('matters for everything under /v1, runs too', async () => {
    expect((await get('/v1/runs/482', {})).status).toBe(401)
    expect((await get('/v1/runs/482/events', {})).status).toBe(401)
    expect(JSON.parse((await get('/v1/me')).text)).toEqual({ person: requester, team: 'T1' })
  })
})

describe('what comes in', () => {
  test('a name that is not ours in the Host header gets nothing, not even health', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const options = { port: face.port, host: '127.0.0.1', path: '/healthz', headers: { host: 'evil.example' } }
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  test('100 kB of words are refused before anybody reads them', async () => {
    const before = face.said.length
    const answer = await post('/v1/say', { command: 'deploy', words: 'x'.repeat(100_000), requestKey: 'key-0002' })
    expect(answer.status).toBe(413)
    expect(answer.body.error.code).toBe('request-too-large')
    expect(face.said.length).toBe(before)
  })

  test('broken JSON and unknown presses are answered with what came', async () => {
    const broken = await fetch(`${face.url}/v1/say`, { method: 'POST', headers: authorized, body: '{"command":' })
    expect(broken.status).toBe(400)
    const press = await post('/v1/press', { press: { name: 'explode', run: 1 }, requestKey: 'key-0003' })
    expect(press.status).toBe(400)
    expect(press.body.error.why).toContain('press.name')
  })

  test('an unknown page says where to look', async () => {
    const answer = await post('/v2/say', {})
    expect(answer.status).toBe(404)
    expect(answer.body.error.next).toContain('docs/operations/http.md')
  })
})

describe('what goes out', () => {
  test('a reply of the desk is passed on as it is, a refusal too', async () => {
    const refusal = { code: 'not-permitted', what: 'No.', why: 'Only release-managers.', next: 'Ask Grace.' }
    face.face.reply = { kind: 'refused', refusal }
    const answer = await post('/v1/say', { command: 'deploy', words: '', requestKey: 'key-0004' })
    expect(answer).toMatchObject({ status: 200, body: { kind: 'refused', refusal } })
  })

  test('a press carries what was shown, so that the server can void it', async () => {
    const press = { name: 'approve', run: 482, step: 'approve', round: 1, digest: '9f2c' }
    await post('/v1/press', { press, requestKey: 'key-0005' })
    expect(face.pressed.at(-1)?.press).toEqual(press)
  })

  test('a fault never shows its cause, a failure says what the world said', async () => {
    face.face.breaks = faulted('unexpected', 'connect postgres://shipmate:hunter2@db failed')
    const body = { command: 'ops', words: 'status', requestKey: 'key-0006' }
    const fault = await post('/v1/say', body)
    expect(fault.status).toBe(500)
    expect(JSON.stringify(fault.body)).not.toContain('postgres')
    expect(face.logged.join('')).not.toContain('hunter2')
    face.face.breaks = failed('slack-unreachable', 'Slack does not answer.', { next: 'Wait a minute.' })
    expect(await post('/v1/say', body)).toMatchObject({ status: 502, body: { error: { next: 'Wait a minute.' } } })
    face.face.breaks = null
  })
})

describe('health', () => {
  test('Slack being away leaves Shipmate ready, the database being away does not', async () => {
    expect((await get('/healthz', {})).status).toBe(200)
    const ready = await get('/readyz', {})
    expect(ready.status).toBe(200)
    expect(JSON.parse(ready.text)).toMatchObject({ ready: true, slack: { state: 'down' }, database: { state: 'up' } })
    const down = { state: 'down', text: 'connection refused' } as const
    const up = { state: 'up', text: 'up' } as const
    const other = await startTerminalFace({ health: async () => ({ database: down, queue: up, slack: up }) })
    expect((await fetch(`${other.url}/readyz`)).status).toBe(503)
    await other.close()
  })

  test('metrics count live runs by state and requests by route', async () => {
    face.put(deployRun())
    const { text } = await get('/metrics', {})
    expect(text).toContain('shipmate_live_runs{state="waiting"} 1')
    expect(text).toMatch(/shipmate_http_requests_total\{method="POST",route="\/v1\/say",status="200"\} \d/)
    expect(text).toContain('shipmate_ready 1')
  })
})

describe('watching a run', () => {
  test('one that does not exist is a 404 with the way to those that do', async () => {
    expect(JSON.parse((await get('/v1/runs/99/events')).text).error.code).toBe('no-such-run')
    expect((await get('/v1/runs/nonsense')).status).toBe(400)
  })

  test('gives each change once and ends when the run has', async () => {
    face.put(deployRun())
    const response = await fetch(`${face.url}/v1/runs/482/events`, { headers: authorized })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = await reader?.read()
    expect(first?.value).toContain('"state":"waiting"')
    face.put(deployRun({ state: 'running' }))
    expect((await reader?.read())?.value).toContain('"state":"running"')
    face.put(deployRun({ state: 'done' }))
    expect((await reader?.read())?.value).toContain('"state":"done"')
    expect((await reader?.read())?.done).toBe(true)
    await expect.poll(() => face.listeners.size).toBe(0)
  })

  test('does not hold up the end of Shipmate, nor stay when the watcher leaves', async () => {
    const other = await startTerminalFace()
    other.put(deployRun())
    const leaver = new AbortController()
    const watch = (signal?: AbortSignal) =>
      fetch(`${other.url}/v1/runs/482/events`, { headers: authorized, ...(signal && { signal }) })
    const left = await watch(leaver.signal)
    await left.body?.getReader().read()
    expect(other.listeners.size).toBe(1)
    leaver.abort()
    await expect.poll(() => other.listeners.size).toBe(0)
    const stayed = await watch()
    await other.close()
    expect(await stayed.text()).toContain('"state":"waiting"')
  })
})
