import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.js'
import { startBoltApp, startTestWorkspace } from './started.js'

type Event = { type: string; [field: string]: unknown }

const { workspace, control, client, rita, marco } = await startTestWorkspace()
const heard: { event: Event; body: { [field: string]: unknown } }[] = []
const app = await startBoltApp(workspace, (bolt) => {
  const hear = async ({ event, body }: { event: unknown; body: unknown }) =>
    void heard.push({ event: event as Event, body: body as never })
  bolt.message(async ({ message, body }) => hear({ event: message, body }))
  bolt.event('app_mention', hear)
  bolt.event('reaction_added', hear)
  bolt.event('pin_added', hear)
  bolt.event('member_joined_channel', hear)
  bolt.event('app_home_opened', async ({ event, body, client: web }) => {
    await hear({ event, body })
    const blocks = [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'Nothing waits for you.' } }]
    await web.views.publish({ user_id: event.user, view: { type: 'home', blocks } })
  })
})
afterAll(async () => {
  await app.stop()
  await workspace.close()
})
beforeEach(() => heard.splice(0))

const see = (type: string) => waitFor(`the event ${type}`, () => heard.find((one) => one.event.type === type))

describe('events', () => {
  it('of a message that mentions the app come twice, as message and as app_mention', async () => {
    await rita.send('releases', '@shipmate deploy prod')
    const [message, mention] = [await see('message'), await see('app_mention')]
    const fields = { user: 'U0RITA', text: '<@U0SHIPMATE> deploy prod', channel: 'C0RELEASES' }
    expect(message.event).toMatchObject({ ...fields, channel_type: 'channel', blocks: [{ type: 'rich_text' }] })
    expect(mention.event).toMatchObject(fields)
    expect(message.body.event_id).not.toBe(mention.body.event_id)
    expect(message.body).toMatchObject({
      type: 'event_callback',
      team_id: 'T0PLAYGROUND',
      api_app_id: 'A0SHIPMATE',
      authorizations: [{ user_id: 'U0SHIPMATE', is_bot: true }],
    })
  })

  it('of a mention in a thread name the thread', async () => {
    const { ts = '' } = await client.chat.postMessage({ channel: 'C0RELEASES', text: 'Card' })
    await rita.send('releases', '@shipmate why', { thread_ts: ts })
    expect((await see('app_mention')).event).toMatchObject({ thread_ts: ts })
  })

  it('come only from conversations that the app is in', async () => {
    await rita.send('random', '@shipmate are you here?')
    await rita.send('shipmate', 'Hello')
    expect((await see('message')).event).toMatchObject({ channel_type: 'im', text: 'Hello' })
    expect(heard).toHaveLength(1)
  })

  it('come only when the app subscribed to them', async () => {
    const { ts = '' } = await rita.send('releases', 'Pin me')
    await rita.pin('releases', ts)
    await rita.react('releases', ts, 'eyes')
    const item = { type: 'message', channel: 'C0RELEASES', ts }
    expect((await see('reaction_added')).event).toMatchObject({
      user: 'U0RITA',
      reaction: 'eyes',
      item_user: 'U0RITA',
      item,
    })
    expect(heard.some((one) => one.event.type === 'pin_added')).toBe(false)
  })

  it('tell of people who join', async () => {
    await client.conversations.join({ channel: 'C0RANDOM' })
    await marco.leave('random')
    await marco.join('random')
    const joined = await waitFor('Marco joined', () =>
      heard.find(({ event }) => event.type === 'member_joined_channel' && event.user === 'U0MARCO'),
    )
    expect(joined.event).toMatchObject({ channel: 'C0RANDOM', channel_type: 'C', team: 'T0PLAYGROUND' })
  })

  it('tell of edits and deletions', async () => {
    const { ts = '' } = await rita.send('releases', 'First')
    await rita.edit('releases', ts, 'Second')
    await rita.delete('releases', ts)
    const subtypes = () => heard.map(({ event }) => event.subtype)
    await waitFor('both', () => subtypes().includes('message_deleted') && subtypes().includes('message_changed'))
  })

  it('that a test makes up reach the app too', async () => {
    await control.event({ type: 'pin_added', user: 'U0RITA' })
    expect((await see('pin_added')).event.user).toBe('U0RITA')
  })
})

describe('the Home tab', () => {
  it('is published when it is opened, and shows what was published', async () => {
    expect(await rita.home()).toBeNull()
    await rita.openHome()
    expect((await see('app_home_opened')).event).toMatchObject({ user: 'U0RITA', channel: 'D0RITA', tab: 'home' })
    await rita.seeHome(/Nothing waits/)
    await rita.openHome()
    await waitFor('the second opening', () => heard.length === 2)
    expect(heard[1]?.event.view).toMatchObject({ type: 'home' })
  })
})
