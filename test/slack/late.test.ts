import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startWorkspace } from '../../playground/workspace/server.js'
import { type Clock, systemClock } from '../../src/clock.js'
import { usualSettings } from '../../src/incidents/settings.js'
import { silentLog as log } from '../../src/log.js'
import { createSlackFace } from '../../src/slack/app.js'
import { createDirectory } from '../../src/slack/directory.js'
import { createSocketInlet } from '../../src/slack/front-door/socket-inlet.js'
import { createIdentity } from '../../src/slack/identity.js'
import { createSlackWeb } from '../../src/slack/web.js'
import { createControl } from '../support/control.js'
import { freshDatabase } from '../support/database.js'
import { createPerson } from '../support/person.js'
import { waitFor } from '../support/wait-for.js'
import { testInbox } from './front-door/test-inbox.js'
import { scene, scenes } from './scenes.js'
import { deployForm, scriptedDesk } from './scripted-desk.js'

const workspace = await startWorkspace({ manifestPath: 'manifest.yml', limits: false })
const database = await freshDatabase()
const apiUrl = `${workspace.url}/api/`
const control = createControl(workspace.url)
const rita = createPerson(workspace.url, 'U0RITA')
const web = createSlackWeb({ token: workspace.tokens.bot, apiUrl, log })
const identity = createIdentity(web)
const view = scenes().running ?? scene()
const { desk, asked, script } = scriptedDesk()

beforeEach(() => {
  asked.length = 0
})
afterAll(() => Promise.all([workspace.close(), database.drop()]))

/** What is given to a front is accepted and acknowledged by it, and then it is dead. */
async function acceptedByADyingFront(give: () => Promise<unknown>): Promise<void> {
  const path = fileURLToPath(new URL('front-door/dies-after-ack.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', path, database.url, apiUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const gone = once(child, 'exit')
  await once(createInterface({ input: child.stdout }), 'line')
  await give()
  expect((await gone)[1]).toBe('SIGKILL')
  await waitFor('its connections are gone', async () => (await control.sockets('status')) === 0)
}

/** A front that starts four seconds later. */
async function laterFront(): Promise<void> {
  const later = 4_000
  await control.advance(later)
  const clock: Clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + later) }
  const inbox = testInbox(database.url)
  const responseOrigins = [workspace.url]
  const face = createSlackFace(
    { botToken: workspace.tokens.bot, apiUrl },
    {
      desk,
      runs: { view: async (run) => (run === view.run.id ? view : null) },
      cards: { cardAt: async () => view.run.id },
      channelOf: () => 'C0RELEASES',
      settings: usualSettings,
      directory: createDirectory({ web, identity, clock }),
      identity,
      web,
      responseOrigins,
      clock,
      log,
    },
    createSocketInlet({
      inbox,
      commands: null,
      responseOrigins,
      appToken: workspace.tokens.app,
      apiUrl,
      clock,
      log,
    }),
  )
  await face.start()
  onTestFinished(async () => {
    await face.stop()
    await inbox.close()
  })
}

describe('what a front accepted before it was killed', () => {
  it('and that would open a form sends a button when its trigger has gone; the button opens the form', async () => {
    script.reply = () => ({ kind: 'form', form: deployForm() })
    await acceptedByADyingFront(() => rita.send('releases', '/deploy'))
    expect(asked).toEqual([])
    await laterFront()
    const offer = await rita.seeMessage('releases', /too late to open a window[\s\S]*Nothing was done/)
    expect(offer.ephemeral).toBe(true)
    expect(asked).toMatchObject([{ what: 'say', command: 'deploy' }])
    expect(await rita.modals()).toEqual([])
    await rita.click('releases', 'Open the form', { ts: offer.ts })
    await rita.seeModal(/Nothing runs before/)
    expect(asked.at(-1)).toMatchObject({ what: 'form', name: 'deploy', known: { environment: 'prod' } })
    await rita.close({ all: true })
  })

  it('and that came from the shortcut is offered where the person finds it: in the app’s messages', async () => {
    await acceptedByADyingFront(() => rita.shortcut('deploy'))
    await laterFront()
    await rita.seeMessage('shipmate', /too late to open a window/)
    await rita.click('shipmate', 'Open the form')
    await rita.seeModal(/Nothing runs before/)
    await rita.close({ all: true })
  })

  it.each([
    ['Cancel…', 'Open the window', /The step under way is broken off/],
    ['Details', 'Show the details', /Run #/],
  ])(
    'and that was a click on %s is asked for again with a button that opens the same window',
    async (label, offered, words) => {
      const name = label === 'Details' ? 'details' : 'cancel'
      script.reply = () => ({ kind: 'run', view })
      const button = { type: 'button', action_id: name, text: { type: 'plain_text', text: label } }
      const value = JSON.stringify({ name, run: view.run.id })
      const posted = await web.call('chat.postMessage', {
        channel: 'C0RELEASES',
        text: 'the card',
        blocks: [{ type: 'actions', elements: [{ ...button, value }] }],
      })
      const ts = posted.ok ? String(posted.data.ts) : ''
      await acceptedByADyingFront(() => rita.click('releases', label, { ts }))
      await laterFront()
      await waitFor('the offer stands there', async () => {
        const offer = (await rita.messages('releases')).at(-1)
        return JSON.stringify(offer).includes(offered)
      })
      await rita.click('releases', offered)
      await rita.seeModal(words)
      await rita.close({ all: true })
      expect(asked.filter(({ what }) => what === 'press')).toEqual([])
    },
  )
})
