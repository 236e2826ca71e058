import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { startWorkspace } from '../../playground/workspace/server.js'
import { systemClock } from '../../src/clock.js'
import { measured } from '../../src/incidents/measures/measures.js'
import { usualSettings } from '../../src/incidents/settings.js'
import { pictureOf } from '../../src/integrations/picture.js'
import { silentLog } from '../../src/log.js'
import { createSlackFace } from '../../src/slack/app.js'
import { createDirectory } from '../../src/slack/directory.js'
import { createSocketInlet } from '../../src/slack/front-door/socket-inlet.js'
import { createIdentity } from '../../src/slack/identity.js'
import { createFormAnswers } from '../../src/slack/listeners/form-answers.js'
import { createSendBytes } from '../../src/slack/upload.js'
import { createSlackWeb } from '../../src/slack/web.js'
import { createControl } from '../support/control.js'
import { freshDatabase } from '../support/database.js'
import { createPerson } from '../support/person.js'
import { waitFor } from '../support/wait-for.js'
import { testInbox } from './front-door/test-inbox.js'
import { fakeRows } from './outbox-world.js'
import { scriptedDesk } from './scripted-desk.js'

const workspace = await startWorkspace({ manifestPath: 'manifest.yml', limits: false })
const apiUrl = `${workspace.url}/api/`
const control = createControl(workspace.url)
const rita = createPerson(workspace.url, 'U0RITA')
const { desk, script } = scriptedDesk()
const rows = fakeRows(systemClock)
const web = createSlackWeb({ token: workspace.tokens.bot, apiUrl, log: silentLog })
const identity = createIdentity(web)
const database = await freshDatabase()
const inbox = testInbox(database.url)
const responseOrigins = [workspace.url]
const drawings: string[] = []
const face = createSlackFace(
  { botToken: workspace.tokens.bot, apiUrl },
  {
    ...{ desk, runs: { view: async () => null }, cards: rows.telling, channelOf: () => 'C0RELEASES' },
    ...{ settings: usualSettings, directory: createDirectory({ web, identity, clock: systemClock }), identity, web },
    ...{ responseOrigins, clock: systemClock, log: silentLog },
    pictures: {
      drawn: (svg) => {
        drawings.push(svg)
        return pictureOf(svg)
      },
      send: createSendBytes(responseOrigins),
    },
  },
  createSocketInlet({
    ...{ inbox, commands: null, answers: createFormAnswers(desk), responseOrigins },
    ...{ appToken: workspace.tokens.app, apiUrl, clock: systemClock, log: silentLog },
  }),
)
await face.start()
afterAll(async () => {
  await face.stop()
  await inbox.close()
  await Promise.all([workspace.close(), database.drop()])
})

const now = new Date('2026-11-23T12:00:00Z')
const deploys = [1, 2, 3].map((run) => ({
  ...{ run, service: 'storefront', environment: 'prod', version: 'v1', wentLive: run > 1, caused: null, builtAt: null },
  endedAt: new Date(now.getTime() - run * 86_400_000),
}))
const scope = { days: 30, environment: 'prod', service: null, zone: 'Europe/Berlin', now }
const measures = measured({ deploys, incidents: [] }, scope)
beforeEach(() => {
  script.reply = async () => ({ kind: 'metrics', measures })
  drawings.length = 0
})
afterEach(() => control.clearFaults())

const pictures = async (channel: string) =>
  (await rita.messages(channel)).flatMap(({ files }) => files?.filter(({ mimetype }) => mimetype === 'image/png') ?? [])
const picturesIn = (channel: string, count: number) =>
  waitFor(`${count} pictures stand in ${channel}`, async () => {
    const found = await pictures(channel)
    return found.length === count ? found : undefined
  })

it('/ops metrics is answered in words to whoever asked, and with a chart where it was asked, drawn once', async () => {
  await rita.send('releases', '/ops metrics')
  const [picture] = await picturesIn('releases', 1)
  expect(picture).toMatchObject({
    name: 'metrics-prod-30-days.png',
    title: 'Deploys and incidents in prod, the last 30 days',
    alt: measures.verdict,
  })
  expect(measures.verdict).toContain('1 of 3 failed')
  const bytes = Buffer.from(await (await fetch(`${workspace.url}${picture?.url}`)).arrayBuffer())
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  expect(bytes.length).toBeLessThan(100_000)
  expect((await rita.seeMessage('releases', /The last 30 days/)).ephemeral).toBe(true)
  expect(drawings).toHaveLength(1)
})

it('in the direct messages with the app it stands there', async () => {
  await rita.send('shipmate', '/ops metrics')
  await picturesIn('shipmate', 1)
})

it('where the app is no member the chart goes to whoever asked, directly', async () => {
  const before = (await pictures('shipmate')).length
  const { members } = await rita.channel('random')
  await rita.send('random', '/ops metrics')
  await picturesIn('shipmate', before + 1)
  expect(await pictures('random')).toEqual([])
  expect((await rita.channel('random')).members).toBe(members)
})

it('asked for in a thread by a mention it stands in that thread', async () => {
  const { ts = '' } = await rita.send('releases', 'How are we doing?')
  await rita.send('releases', '<@U0SHIPMATE> ops metrics', { thread_ts: ts })
  await waitFor('the chart stands there', async () =>
    (await rita.thread('releases', ts)).some(({ files }) => files?.some(({ name }) => name.endsWith('.png'))),
  )
})

it('a workspace that takes no files gets the words, and is told why there is no chart', async () => {
  await control.fault({ kind: 'error', method: 'files.getUploadURLExternal', error: 'missing_scope', times: 1 })
  await rita.send('releases', '/ops metrics')
  const told = await rita.seeMessage('releases', /The chart is missing/)
  expect(told.ephemeral).toBe(true)
  expect(told.text).toContain('Install it again with the current manifest.yml')
})

it('the backup handbook comes to whoever asked alone, as a file that is all of it', async () => {
  const markdown = `# Backup handbook\n\n${'A line of it.\n'.repeat(2_000)}`
  script.reply = async () => ({ kind: 'handbook', of: null, name: 'backup-handbook.md', markdown, gaps: ['None yet.'] })
  await rita.send('releases', '/backup handbook')
  expect((await rita.seeMessage('releases', /is written; 1 thing is missing/)).ephemeral).toBe(true)
  const file = await waitFor('the file is there', async () =>
    (await rita.messages('shipmate'))
      .flatMap(({ files }) => files ?? [])
      .find(({ name }) => name === 'backup-handbook.md'),
  )
  expect(await (await fetch(`${workspace.url}${file.url}`)).text()).toBe(markdown)
  expect((await rita.messages('releases')).flatMap(({ files }) => files ?? []).map(({ name }) => name)).not.toContain(
    'backup-handbook.md',
  )
  await control.fault({ kind: 'error', method: 'files.getUploadURLExternal', error: 'missing_scope', times: 1 })
  await rita.send('releases', '/backup handbook')
  expect((await rita.seeMessage('releases', /The file did not come/)).text).toContain('current manifest.yml')
})

it('bytes go to Slack and to the local workspace, and nowhere else', async () => {
  const send = createSendBytes(['http://127.0.0.1:9'])
  for (const url of [
    'https://evil.example/upload',
    'https://slack.com.evil.example/upload',
    'http://files.slack.com/upload',
    'https://user@files.slack.com/upload',
    'https://notslack.com/upload',
    'http://127.0.0.1:10/upload',
    'file:///etc/passwd',
    'nonsense',
  ])
    expect(await send(url, new Uint8Array([1]))).toMatchObject({ why: 'refused', error: 'upload_url_foreign' })
  expect(await send('http://127.0.0.1:9/upload', new Uint8Array([1]))).toMatchObject({ why: 'unreachable' })
})
