import { afterAll, describe, expect, it } from 'vitest'
import { startTestWorkspace } from './started.js'

const { workspace, control, clientWith } = await startTestWorkspace()
afterAll(() => workspace.close())

const bearer = { authorization: 'Bearer xoxb-playground' }

async function call(method: string, init: RequestInit = {}, query = '') {
  const response = await fetch(`${workspace.url}/api/${method}${query}`, { method: 'POST', ...init })
  return { status: response.status, headers: response.headers, body: Object(await response.json()) }
}

const form = (fields: { [name: string]: string }) => new URLSearchParams(fields)
const json = (fields: object) => ({
  headers: { ...bearer, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(fields),
})

describe('the Web API', () => {
  it('takes the token from header, body or query', async () => {
    const whoever = [
      await call('auth.test', { headers: bearer }),
      await call('auth.test', { body: form({ token: 'xoxb-playground' }) }),
      await call('auth.test', {}, '?token=xoxb-playground'),
    ]
    for (const { body } of whoever)
      expect(body).toMatchObject({ ok: true, user_id: 'U0SHIPMATE', bot_id: 'B0SHIPMATE' })
  })

  it('takes forms whose nested values are JSON text, and JSON bodies', async () => {
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'Hello' } }]
    const fields = { channel: 'C0RELEASES', text: 'Hello', blocks: JSON.stringify(blocks) }
    const fromForm = await call('chat.postMessage', { headers: bearer, body: form(fields) })
    const fromJson = await call('chat.postMessage', json({ ...fields, blocks }))
    for (const { body } of [fromForm, fromJson]) expect(body.message.blocks[0]).toMatchObject(blocks[0] ?? {})
  })

  it('refuses at HTTP 200 with ok false', async () => {
    const refusals = [
      [await call('chat.post', { headers: bearer }), 'unknown_method'],
      [await call('auth.test'), 'not_authed'],
      [await call('auth.test', { headers: { authorization: 'Bearer xoxb-other' } }), 'invalid_auth'],
      [await call('auth.test', { headers: { authorization: 'Bearer xapp-playground' } }), 'not_allowed_token_type'],
      [await call('apps.connections.open', { headers: bearer }), 'not_allowed_token_type'],
      [await call('chat.postMessage', { ...json({}), body: '{' }), 'invalid_json'],
    ] as const
    for (const [{ status, body }, error] of refusals) expect([status, body.ok, body.error]).toEqual([200, false, error])
  })

  it('names the scope that is needed and those that were given', async () => {
    const { body } = await call('users.lookupByEmail', {
      headers: bearer,
      body: form({ email: 'rita@storefront.example' }),
    })
    expect(body).toMatchObject({ ok: false, error: 'missing_scope', needed: 'users:read.email' })
    expect(body.provided.split(',')).toContain('chat:write')
  })

  it('sends the scopes in its headers', async () => {
    const { headers } = await call('chat.postMessage', json({ channel: 'C0RELEASES', text: 'x' }))
    expect(headers.get('x-oauth-scopes')?.split(',')).toContain('chat:write')
    expect(headers.get('x-accepted-oauth-scopes')).toBe('chat:write')
  })

  it('says which arguments are missing or wrong, with a pointer', async () => {
    const missing = await call('conversations.info', json({}))
    expect(missing.body.error).toBe('invalid_arguments')
    expect(missing.body.response_metadata.messages[0]).toContain('[json-pointer:/channel]')
    const blocks = [{ type: 'section' }]
    const wrong = await call('chat.postMessage', json({ channel: 'C0RELEASES', text: 'x', blocks }))
    expect(wrong.body.error).toBe('invalid_blocks')
    expect(wrong.body.response_metadata.messages[0]).toMatch(/^\[ERROR\] .*\[json-pointer:\/blocks\/0/)
  })

  it('says what is wrong with blocks, messages and views without a token', async () => {
    const blocks = JSON.stringify([{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }])
    const { body } = await call('blocks.validate', { body: form({ blocks }) })
    expect(body).toMatchObject({ ok: false, error: 'invalid_blocks', errors: [{ pointer: '/blocks/0/text/text' }] })
    const fine = JSON.stringify([{ type: 'divider' }])
    expect((await call('blocks.validate', { body: form({ blocks: fine }) })).body).toEqual({ ok: true })
  })

  it('keeps every call in the log with who made it and how it ended', async () => {
    await clientWith('xoxb-other')
      .auth.test()
      .catch(() => {})
    expect((await control.calls('auth.test')).at(-1)).toMatchObject({
      token: 'unknown',
      ok: false,
      error: 'invalid_auth',
    })
    expect(JSON.stringify(await control.calls())).not.toContain('xoxb-playground')
  })
})

describe('strangers', () => {
  it('reach the workspace neither by another host name nor from another origin', async () => {
    const tries: RequestInit[] = [
      { headers: { origin: 'https://evil.example' } },
      { headers: { 'sec-fetch-site': 'cross-site' } },
      { headers: { 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' } },
    ]
    for (const init of tries) expect((await call('api.test', init)).status).toBe(403)
    expect((await call('api.test')).status).toBe(200)
  })
})
