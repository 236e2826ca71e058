import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startWorkspace } from '../../../playground/workspace/server.js'
import { systemClock } from '../../../src/clock.js'
import type { IncidentPress } from '../../../src/commands/incident-words.js'
import { usualSettings } from '../../../src/incidents/settings.js'
import { silentLog } from '../../../src/log.js'
import { createSlackFace } from '../../../src/slack/app.js'
import { createDirectory } from '../../../src/slack/directory.js'
import { createSocketInlet } from '../../../src/slack/front-door/socket-inlet.js'
import { createIdentity } from '../../../src/slack/identity.js'
import { incidentCard } from '../../../src/slack/incidents/incident-card.js'
import { createFormAnswers } from '../../../src/slack/listeners/form-answers.js'
import { createSlackWeb } from '../../../src/slack/web.js'
import { settings, viewWith } from '../../incidents/scene.js'
import { createControl } from '../../support/control.js'
import { freshDatabase } from '../../support/database.js'
import { createPerson } from '../../support/person.js'
import { waitFor } from '../../support/wait-for.js'
import { testInbox } from '../front-door/test-inbox.js'
import { fakeRows } from '../outbox-world.js'
import { deployForm, scriptedDesk } from '../scripted-desk.js'

const workspace = await startWorkspace({ manifestPath: 'manifest.yml', limits: false })
const apiUrl = `${workspace.url}/api/`
const control = createControl(workspace.url)
const rita = createPerson(workspace.url, 'U0RITA')
const { desk, asked, script } = scriptedDesk()
const pressed: IncidentPress[] = []
const cards = new Map<string, number>()
const log = silentLog
const web = createSlackWeb({ token: workspace.tokens.bot, apiUrl, log })
const identity = createIdentity(web)
const directory = createDirectory({ web, identity, clock: systemClock })
const database = await freshDatabase()
const inbox = testInbox(database.url)
const responseOrigins = [workspace.url]
const view = viewWith({ room: { ...viewWith().incident.room, channel: 'C0INCIDENTS' } })
const face = createSlackFace(
  { botToken: workspace.tokens.bot, apiUrl },
  {
    ...{
      desk,
      cards: fakeRows(systemClock).telling,
      directory,
      identity,
      web,
      responseOrigins,
      clock: systemClock,
      log,
    },
    runs: { view: async () => null },
    channelOf: () => 'C0RELEASES',
    settings: usualSettings,
    incidents: {
      press: async (press) => {
        pressed.push(press)
        return { kind: 'said', text: `Did ${press.name}.` }
      },
      rows: { view: async () => view, inChannel: async (channel) => (channel === 'C0INCIDENTS' ? 31 : null) },
      cards: { cardAt: async (_channel, ts) => cards.get(ts) ?? null },
    },
  },
  createSocketInlet({
    ...{ inbox, commands: null, answers: createFormAnswers(desk), responseOrigins, apiUrl, clock: systemClock, log },
    appToken: workspace.tokens.app,
  }),
)
await face.start()

beforeEach(() => {
  pressed.length = 0
  asked.length = 0
})
afterAll(async () => {
  await face.stop()
  await inbox.close()
  await Promise.all([workspace.close(), database.drop()])
})

async function postCard(): Promise<string> {
  const card = incidentCard(view, { now: new Date(), settings, guide: null })
  const answer = await web.call('chat.postMessage', { channel: 'C0INCIDENTS', ...card })
  if (!answer.ok) throw new Error(JSON.stringify(answer))
  return String(answer.data.ts)
}

describe('a control of an incident', () => {
  it('reaches the desk from the incident’s own card, and who pressed is told', async () => {
    const ts = await postCard()
    cards.set(ts, 31)
    await rita.click('incidents', 'Claim commander', { ts })
    await waitFor('it came', () => pressed.length === 1)
    expect(pressed).toEqual([{ name: 'role', role: 'commander', incident: 31 }])
    expect((await rita.seeMessage('incidents', /Did role\./)).ephemeral).toBe(true)
  })

  it('does nothing on any other message, and says where the card is', async () => {
    const ts = await postCard()
    await rita.click('incidents', 'Claim scribe', { ts })
    await rita.seeMessage('incidents', /does nothing any more/)
    expect(pressed).toEqual([])
  })

  it('opens a form that knows the incident, also when it is sent', async () => {
    const ts = await postCard()
    cards.set(ts, 31)
    script.form = () => ({ ...deployForm(), fields: [{ name: 'text', label: 'What is true now', long: true }] })
    await rita.click('incidents', 'Update…', { ts })
    await rita.seeModal(/What is true now/)
    await rita.submit({ text: 'We found it.' })
    await waitFor('it was sent', () => asked.some(({ what }) => what === 'submit'))
    expect(asked.find(({ what }) => what === 'form')).toMatchObject({ name: 'update', known: { incident: '31' } })
    expect(asked.find(({ what }) => what === 'submit')).toMatchObject({
      values: { incident: '31', text: 'We found it.' },
    })
  })
})

describe('a message of an incident’s channel', () => {
  it('goes on the timeline when somebody pins it or marks it, under one key however often', async () => {
    await rita.send('incidents', 'the card network is fine <!channel>')
    const said = await rita.seeMessage('incidents', /card network is fine/)
    await control.post('/as/U0RITA/pin', { channel: 'C0INCIDENTS', ts: said.ts })
    await control.post('/as/U0RITA/react', { channel: 'C0INCIDENTS', ts: said.ts, name: 'pushpin' })
    await waitFor('both came', () => pressed.length === 2)
    // The pin brings the message along; a reaction, which may come first, only names it.
    const pin = pressed.find((press) => 'text' in press && press.text.includes('card network'))
    expect(pin).toMatchObject({ name: 'note', kind: 'pinned', key: `pinned:C0INCIDENTS:${said.ts}`, incident: 31 })
    expect(pin).toMatchObject({ link: expect.any(String) })
    expect(new Set(pressed.map((press) => ('key' in press ? press.key : '')))).toHaveLength(1)
  })

  it('is noted from its menu, and outside of incidents the person is told', async () => {
    await rita.send('incidents', 'we roll back')
    const said = await rita.seeMessage('incidents', /we roll back/)
    await control.post('/as/U0RITA/shortcut', { callback_id: 'timeline', channel: 'C0INCIDENTS', message_ts: said.ts })
    await waitFor('it came', () => pressed.length === 1)
    await rita.send('releases', 'elsewhere')
    const other = await rita.seeMessage('releases', /elsewhere/)
    await control.post('/as/U0RITA/shortcut', { callback_id: 'timeline', channel: 'C0RELEASES', message_ts: other.ts })
    await rita.seeMessage('releases', /is not the channel of an incident/)
  })

  it('becomes the title of an incident that is opened from it', async () => {
    script.form = () => ({ ...deployForm(), fields: [{ name: 'title', label: 'What is wrong' }] })
    await rita.send('releases', 'checkout is slow\nsince noon')
    const said = await rita.seeMessage('releases', /checkout is/)
    await control.post('/as/U0RITA/shortcut', { callback_id: 'incident', channel: 'C0RELEASES', message_ts: said.ts })
    await rita.seeModal(/What is wrong/)
    const form = asked.find(({ what }) => what === 'form')
    expect(form).toMatchObject({ name: 'incident', known: { title: expect.stringMatching(/^checkout is slow/) } })
    expect(form).toMatchObject({ known: { link: expect.stringContaining('/archives/C0RELEASES/') } })
  })
})
