import type { ModalView } from '@slack/types'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.js'
import { startBoltApp, startTestWorkspace } from './started.js'

type Answer = { response_action?: string; [field: string]: unknown } | undefined

const { workspace, control, client, rita, marco } = await startTestWorkspace()
const heard: { [field: string]: unknown }[] = []
let answer: Answer | 'late'
let trigger = ''

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const input = (block_id: string, action_id: string) => ({
  type: 'input' as const,
  block_id,
  label: plain(action_id),
  element: { type: 'plain_text_input' as const, action_id },
})
const modal = (title: string, fields: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: 'reject',
  title: plain(title),
  submit: plain('Send'),
  blocks: [input('why', 'reason')],
  ...fields,
})

const app = await startBoltApp(workspace, (bolt) => {
  bolt.shortcut('ship', async ({ ack, shortcut, client: web }) => {
    trigger = shortcut.trigger_id
    await ack()
    await web.views.open({ trigger_id: trigger, view: modal('Reject', { notify_on_close: true }) })
  })
  bolt.view('reject', async ({ ack, body }) => {
    heard.push(body as never)
    if (answer !== 'late') await ack(answer as never)
  })
  bolt.view({ callback_id: 'reject', type: 'view_closed' }, async ({ ack, body }) => {
    heard.push(body as never)
    await ack()
  })
  bolt.action('push', async ({ ack, body, client: web }) => {
    await ack()
    const { trigger_id } = body as unknown as { trigger_id: string }
    await web.views
      .push({ trigger_id, view: modal('Pushed', { blocks: [pusher] }) })
      .catch((error) => heard.push(error.data))
  })
  bolt.options('search', async ({ ack, payload }) => {
    await ack({ options: [{ text: plain(`v for ${payload.value}`), value: 'v1' }] })
  })
})
const pusher = {
  type: 'actions' as const,
  elements: [{ type: 'button' as const, action_id: 'push', text: plain('More') }],
}

beforeEach(async () => {
  heard.splice(0)
  answer = undefined
  await rita.shortcut('ship')
  await rita.seeModal(/Reject/)
})
afterEach(async () => {
  if ((await rita.modals()).length > 0) await rita.close({ all: true })
})
afterAll(async () => {
  await app.stop()
  await workspace.close()
})

const refusal = (call: Promise<unknown>) => call.then(() => 'ok').catch((error) => error.data?.error ?? String(error))

describe('submitting a modal', () => {
  it('sends what was typed, and closes on an empty acknowledgement', async () => {
    expect(await rita.submit({ reason: 'Friday' })).toEqual({ ok: true, result: 'closed' })
    const view = {
      callback_id: 'reject',
      state: { values: { why: { reason: { type: 'plain_text_input', value: 'Friday' } } } },
    }
    expect(heard[0]).toMatchObject({ type: 'view_submission', user: { id: 'U0RITA' }, view, response_urls: [] })
    expect(await rita.modals()).toEqual([])
  })

  it('is stopped by Slack itself while a required input is empty', async () => {
    expect(await rita.submit()).toMatchObject({
      result: 'errors',
      errors: { why: 'Please complete this required field.' },
    })
    expect(heard).toEqual([])
  })

  it('shows the app’s errors under its inputs', async () => {
    answer = { response_action: 'errors', errors: { why: 'Too short.' } }
    expect(await rita.submit({ reason: 'x' })).toMatchObject({ ok: true, result: 'errors' })
    const [view] = await rita.modals()
    expect(view).toMatchObject({
      errors: { why: 'Too short.' },
      state: { values: { why: { reason: { value: 'x' } } } },
    })
  })

  it('updates, pushes and clears on order', async () => {
    answer = { response_action: 'update', view: modal('Sure?') }
    expect(await rita.submit({ reason: 'kept' })).toMatchObject({ result: 'updated' })
    expect((await rita.seeModal(/Sure/)).state.values.why?.reason?.value).toBe('kept')
    answer = { response_action: 'push', view: modal('Deeper') }
    expect(await rita.submit()).toMatchObject({ result: 'pushed' })
    expect((await rita.modals()).map((view) => view.title?.text)).toEqual(['Sure?', 'Deeper'])
    answer = { response_action: 'clear' }
    expect(await rita.submit({ reason: 'x' })).toMatchObject({ result: 'cleared' })
    expect(await rita.modals()).toEqual([])
  })

  it.each<[string, Answer | 'late']>([
    ['an unknown answer', { response_action: 'dance' }],
    ['errors for a block that is no input', { response_action: 'errors', errors: { nowhere: 'x' } }],
    ['a view that Slack would refuse', { response_action: 'update', view: { type: 'modal' } }],
    ['no acknowledgement', 'late'],
  ])('has trouble connecting after %s, and stays', async (_what, wrong) => {
    answer = wrong
    const reply = rita.submit({ reason: 'x' })
    await waitFor('the app heard it', () => heard.length > 0)
    if (wrong === 'late') await control.advance(3000)
    expect(await reply).toEqual({ ok: false, result: 'trouble', notice: 'We had some trouble connecting. Try again?' })
    expect(await rita.modals()).toHaveLength(1)
  })
})

describe('closing a modal', () => {
  it('tells the app only if it asked to be told', async () => {
    await rita.close()
    await waitFor('the app heard it', () => heard.length > 0)
    expect(heard[0]).toMatchObject({ type: 'view_closed', is_cleared: false })
    heard.splice(0)
    await rita.shortcut('ship')
    const view = await rita.seeModal(/./)
    await client.views.update({ view_id: view.id, view: modal('Quiet') })
    await rita.close({ all: true })
    expect((await control.deliveries('interactive')).at(-1)?.payload).toMatchObject({ type: 'shortcut' })
  })
})

describe('views.update', () => {
  it('keeps what was typed where block_id and action_id stay, and forgets the rest', async () => {
    const open = await rita.seeModal(/./)
    await rita.clickInModal('reason', { choose: { value: 'typed' } })
    await client.views.update({ view_id: open.id, view: modal('Same', { blocks: [input('why', 'reason')] }) })
    expect((await rita.modals())[0]?.state.values.why?.reason?.value).toBe('typed')
    await client.views.update({ view_id: open.id, view: modal('Other', { blocks: [input('other', 'reason')] }) })
    expect((await rita.modals())[0]?.state.values.other?.reason?.value).toBeNull()
  })

  it('refuses an old hash', async () => {
    const open = await rita.seeModal(/./)
    const update = (hash?: string) => client.views.update({ view_id: open.id, hash, view: modal('New') })
    expect((await update(open.hash)).ok).toBe(true)
    expect(await refusal(update(open.hash))).toBe('hash_conflict')
    expect(await refusal(client.views.update({ view_id: 'V0NOWHERE', view: modal('x') }))).toBe('not_found')
  })
})

describe('trigger ids', () => {
  it('open one modal, within three seconds', async () => {
    const open = (trigger_id: string) => refusal(client.views.open({ trigger_id, view: modal('x') }))
    expect(await open(trigger)).toBe('exchanged_trigger_id')
    expect(await open('1.2.3')).toBe('invalid_trigger_id')
    const waiting = marco.send('C0RELEASES', '/ops')
    const late = await waitFor('the command', async () => {
      const last = (await control.deliveries('slash_commands')).at(-1)
      return last?.outcome === 'pending' && Object(last.payload).trigger_id
    })
    await control.advance(3001)
    await waiting
    expect(await open(late)).toBe('expired_trigger_id')
  })
})

describe('views.push', () => {
  it('stacks three modals and no fourth', async () => {
    const open = await rita.seeModal(/./)
    await client.views.update({ view_id: open.id, view: modal('Bottom', { blocks: [pusher] }) })
    for (const depth of [2, 3]) {
      await rita.clickInModal('More')
      await waitFor(`${depth} modals`, async () => (await rita.modals()).length === depth)
    }
    await rita.clickInModal('More')
    await waitFor('the refusal', () => heard.length > 0)
    expect(heard[0]).toMatchObject({ error: 'push_limit_reached' })
  })
})

describe('a view that breaks Slack’s rules', () => {
  it('is refused with a pointer to the place', async () => {
    const open = await rita.seeModal(/./)
    const broken = { ...modal('x'.repeat(25)) }
    const error = await client.views.update({ view_id: open.id, view: broken }).catch((caught) => caught.data)
    expect(error.error).toBe('invalid_arguments')
    expect(error.response_metadata.messages[0]).toContain('/view/title')
  })
})

describe('an external select', () => {
  it('offers what the app answers, from its third letter on', async () => {
    const element = { type: 'external_select' as const, action_id: 'search', placeholder: plain('x') }
    const block = { type: 'input' as const, block_id: 'v', label: plain('Version'), element }
    const open = await rita.seeModal(/./)
    await client.views.update({ view_id: open.id, view: modal('Search', { blocks: [block] }) })
    expect(await rita.options('search', 'v1')).toEqual({ options: [] })
    const { options } = await rita.options('search', 'v1.8')
    expect(options).toEqual([{ text: plain('v for v1.8'), value: 'v1' }])
  })
})
