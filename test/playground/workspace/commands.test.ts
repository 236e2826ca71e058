import { afterAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.js'
import { startBoltApp, startTestWorkspace } from './started.js'

const { workspace, control, rita, marco, client } = await startTestWorkspace()
const heard: { [field: string]: unknown }[] = []
const app = await startBoltApp(workspace, (bolt) => {
  bolt.command('/deploy', async ({ ack, command, respond }) => {
    heard.push(command)
    if (command.text === 'late') return
    if (command.text === 'text') return ack('Only you see this.')
    if (command.text === 'channel') return ack({ response_type: 'in_channel', text: 'Everybody sees this.' })
    await ack()
    if (command.text === 'respond') await respond('Said later.')
  })
  bolt.command('/ops', async ({ ack, command }) => {
    heard.push(command)
    await ack()
  })
})

afterAll(async () => {
  await app.stop()
  await workspace.close()
})

describe('a slash command', () => {
  it('reaches the app with the fields that Slack sends', async () => {
    expect(await rita.send('releases', '/deploy storefront prod')).toEqual({ ok: true })
    expect(heard.at(-1)).toMatchObject({
      command: '/deploy',
      text: 'storefront prod',
      user_id: 'U0RITA',
      channel_id: 'C0RELEASES',
      channel_name: 'releases',
      team_id: 'T0PLAYGROUND',
      api_app_id: 'A0SHIPMATE',
      is_enterprise_install: 'false',
    })
  })

  it('shows an answer in the acknowledgement to the person alone', async () => {
    await rita.send('releases', '/deploy text')
    expect(await rita.seeMessage('releases', /Only you see this/)).toMatchObject({ ephemeral: true })
    expect(JSON.stringify(await marco.messages('releases'))).not.toContain('Only you see this')
  })

  it('shows an in_channel answer to everybody, with the command itself', async () => {
    await rita.send('releases', '/deploy channel')
    await marco.seeMessage('releases', /Everybody sees this/)
    expect(await marco.seeMessage('releases', /^\/deploy channel/)).toMatchObject({ user: 'U0RITA' })
  })

  it('takes answers at its response url, in channels the app is not in too', async () => {
    await rita.send('random', '/deploy respond')
    await rita.seeMessage('random', /Said later/)
  })

  it('tells the person operation_timeout when nobody acknowledged within three seconds', async () => {
    const reply = rita.send('releases', '/deploy late')
    await waitFor('the app heard it', () => heard.at(-1)?.text === 'late')
    await control.advance(3000)
    expect(await reply).toEqual({ ok: false, notice: '/deploy failed with the error "operation_timeout"' })
  })

  it('is refused in threads', async () => {
    const posted = await client.chat.postMessage({ channel: 'C0RELEASES', text: 'A card' })
    const reply = await rita.send('releases', '/deploy prod', { thread_ts: posted.ts ?? '' })
    expect(reply).toEqual({ ok: false, notice: '/deploy is not supported in threads. Sorry!' })
  })

  it('that no app has is answered by Slack itself', async () => {
    expect((await rita.send('releases', '/nothing')).notice).toContain('/nothing is not a valid command.')
  })

  it('with should_escape carries mentions as ids', async () => {
    await rita.send('releases', '/ops why @marco in #releases for @release-managers')
    const text = 'why <@U0MARCO|marco> in <#C0RELEASES|releases> for <!subteam^S0RELEASE|@release-managers>'
    expect(heard.at(-1)?.text).toBe(text)
  })
})

describe('a slash command without an app', () => {
  it('tells the person dispatch_failed', async () => {
    const { workspace, rita } = await startTestWorkspace()
    expect((await rita.send('releases', '/deploy')).notice).toBe('/deploy failed with the error "dispatch_failed"')
    await workspace.close()
  })
})
