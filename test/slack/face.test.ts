import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startWorkspace } from '../../playground/workspace/server.js'
import { systemClock } from '../../src/clock.js'
import { refused } from '../../src/errors.js'
import { usualSettings } from '../../src/incidents/settings.js'
import { silentLog } from '../../src/log.js'
import { createSlackFace } from '../../src/slack/app.js'
import { createDirectory } from '../../src/slack/directory.js'
import { createSocketInlet } from '../../src/slack/front-door/socket-inlet.js'
import { createIdentity } from '../../src/slack/identity.js'
import { createFormAnswers } from '../../src/slack/listeners/form-answers.js'
import { createOutbox } from '../../src/slack/outbox.js'
import { createSlackWeb } from '../../src/slack/web.js'
import { createControl } from '../support/control.js'
import { freshDatabase } from '../support/database.js'
import { createPerson, wordsOf } from '../support/person.js'
import { waitFor } from '../support/wait-for.js'
import { testInbox } from './front-door/test-inbox.js'
import { fakeRows } from './outbox-world.js'
import { scene, scenes } from './scenes.js'
import { deployForm, scriptedDesk } from './scripted-desk.js'

const workspace = await startWorkspace({ manifestPath: 'manifest.yml', limits: false })
const apiUrl = `${workspace.url}/api/`
const control = createControl(workspace.url)
const [rita, marco] = [createPerson(workspace.url, 'U0RITA'), createPerson(workspace.url, 'U0MARCO')]
const { desk, asked, script } = scriptedDesk()
const rows = fakeRows(systemClock)
const log = silentLog
const web = createSlackWeb({ token: workspace.tokens.bot, apiUrl, log })
const identity = createIdentity(web)
const directory = createDirectory({ web, identity, clock: systemClock })
const channelOf = () => 'C0RELEASES'
const runs = { view: async (run: number) => rows.runs.get(run)?.view ?? null, list: async () => [] }
const database = await freshDatabase()
const inbox = testInbox(database.url)
const responseOrigins = [workspace.url]
const face = createSlackFace(
  { botToken: workspace.tokens.bot, apiUrl },
  {
    desk,
    runs,
    cards: rows.telling,
    channelOf,
    settings: usualSettings,
    directory,
    identity,
    web,
    responseOrigins,
    clock: systemClock,
    log,
  },
  createSocketInlet({
    inbox,
    commands: null,
    answers: createFormAnswers(desk),
    responseOrigins,
    appToken: workspace.tokens.app,
    apiUrl,
    clock: systemClock,
    log,
  }),
)
const stop = new AbortController()
const outbox = createOutbox({
  telling: rows.telling,
  boards: rows.boards,
  desk: runs,
  signals: rows.signals,
  leadership: {
    lead: async () => ({ lost: new AbortController().signal, holds: () => true, release: async () => {} }),
  },
  web,
  channelOf,
  groupIds: directory.groupId,
  clock: systemClock,
  log,
})
await face.start()
const telling = outbox.run(stop.signal)

const plain = { reply: script.reply, form: script.form, home: script.home, mistake: script.mistake }
beforeEach(async () => {
  Object.assign(script, plain)
  asked.length = 0
  await control.clearFaults()
})
afterAll(async () => {
  stop.abort()
  await Promise.all([face.stop(), telling])
  await inbox.close()
  await Promise.all([workspace.close(), database.drop()])
})

/** A run whose card stands in the release channel. */
let runNumber = 1000
async function cardOf(name: string) {
  const view = scenes()[name] ?? scene()
  const run = ++runNumber
  rows.change({ ...view, run: { ...view.run, id: run } })
  const card = await marco.seeMessage('releases', new RegExp(`#${run}\\b`))
  return { run, ts: card.ts }
}

describe('a slash command', () => {
  it('reaches the desk with its words, and only who typed it sees the answer', async () => {
    await rita.send('releases', '/deploy prod v1.8.0')
    const message = await rita.seeMessage('releases', /Noted\./)
    expect(message.ephemeral).toBe(true)
    expect(asked).toMatchObject([
      {
        what: 'say',
        command: 'deploy',
        words: 'prod v1.8.0',
        asker: {
          actor: { id: 'U0RITA', name: 'rita' },
          team: 'T0PLAYGROUND',
          via: 'slack',
          channel: 'C0RELEASES',
        },
      },
    ])
    expect((await marco.messages('releases')).some((one) => /Noted/.test(wordsOf(one)))).toBe(false)
  })

  it('reaches the desk once when Slack delivers it again, under a key that opens nothing', async () => {
    await rita.send('releases', '/ops status')
    await waitFor('it came', () => asked.length === 1)
    const [delivery] = (await control.deliveries('slash_commands')).slice(-1)
    await control.redeliver(delivery?.seq ?? 0)
    await rita.send('releases', '/ops status of the next')
    await waitFor('the next one came', () => asked.length === 2)
    expect(asked).toMatchObject([{ words: 'status' }, { words: 'status of the next' }])
    expect(JSON.stringify(asked)).not.toContain(String((delivery?.payload as { trigger_id: string }).trigger_id))
  })

  it('is acknowledged in time when the desk is slow, and answered afterwards', async () => {
    script.reply = async () => {
      await systemClock.sleep(2_600)
      return { kind: 'said', text: 'Slow but done.' }
    }
    expect((await rita.send('releases', '/ops runs')).notice).toBeUndefined()
    await rita.seeMessage('releases', /Working on it/)
    await rita.seeMessage('releases', /Slow but done\./)
  })

  it('becomes one line with a reference when something breaks', async () => {
    script.reply = () => {
      throw new TypeError('cannot read properties of undefined')
    }
    await rita.send('releases', '/ops why prod')
    const words = wordsOf(await rita.seeMessage('releases', /broke while it did that/))
    expect(words).toMatch(/reference [0-9A-F]{6}/)
    expect(words).not.toMatch(/undefined|TypeError/)
  })

  it('says the error’s own way forward when it has one', async () => {
    script.reply = () => {
      throw refused('no-such-place', 'There is no environment prdo.', { next: 'Did you mean prod?' })
    }
    await rita.send('releases', '/deploy prdo')
    await rita.seeMessage('releases', /Did you mean prod\?/)
  })
})

describe('a form', () => {
  it('opens when arguments are missing, and its answer comes back to where it was asked', async () => {
    script.reply = (one) =>
      one.what === 'say'
        ? { kind: 'form', form: deployForm() }
        : { kind: 'accepted', run: scene().run, text: 'storefront v1.8.0 → prod is on its way.', first: true }
    await rita.send('releases', '/deploy')
    await rita.seeModal(/Show the plan|Nothing runs before/)
    const submitted = await rita.submit({ note: 'for the launch' })
    expect(submitted.result).toBe('closed')
    expect(asked.at(-1)).toMatchObject({
      what: 'submit',
      name: 'deploy',
      values: { service: 'storefront', environment: 'prod', version: 'v1.8.0', note: 'for the launch' },
    })
    expect((await rita.seeMessage('releases', /is on its way/)).ephemeral).toBe(true)
  })

  it('offers other versions when another environment is chosen, and keeps what was typed', async () => {
    script.reply = () => ({ kind: 'form', form: deployForm() })
    script.form = (known) => deployForm(known.environment)
    await rita.send('releases', '/deploy')
    await rita.seeModal(/Nothing runs before/)
    const staging = { selected_option: { text: { type: 'plain_text', text: 'staging' }, value: 'staging' } }
    await rita.clickInModal('environment', { choose: staging, values: { note: 'kept', environment: 'staging' } })
    const view = await rita.seeModal(/v2\.0\.0-rc\.1/)
    expect(JSON.stringify(view.state.values)).toContain('kept')
    await rita.close({ all: true })
  })

  it('shows a mistake at its field, and nothing was sent', async () => {
    script.reply = () => ({ kind: 'form', form: deployForm() })
    await rita.send('releases', '/deploy')
    await rita.seeModal(/Nothing runs before/)
    script.mistake = () => ({ field: 'version', text: 'That cannot be a version.' })
    const answer = await rita.submit({ note: 'kept' })
    expect(answer.result).toBe('errors')
    expect(Object.values(answer.errors ?? {})).toEqual(['That cannot be a version.'])
    expect(asked.map(({ what }) => what)).toEqual(['say'])
    await rita.close({ all: true })
  })

  it('that is refused afterwards says why, and can be opened again as it was', async () => {
    script.reply = () => ({ kind: 'form', form: deployForm() })
    await rita.send('releases', '/deploy')
    await rita.seeModal(/Nothing runs before/)
    script.reply = () => ({
      kind: 'refused',
      refusal: { code: 'locked', what: 'prod is locked.', why: 'Exam week.', next: 'Ask marco.' },
    })
    expect((await rita.submit({ note: 'kept' })).result).toBe('closed')
    const refusal = await rita.seeMessage('releases', /prod is locked\./)
    expect(refusal.ephemeral).toBe(true)
    await rita.click('releases', 'Open the form again', { ts: refusal.ts })
    await rita.seeModal(/Nothing runs before/)
    expect(asked.at(-1)).toMatchObject({
      what: 'form',
      known: { service: 'storefront', environment: 'prod', version: 'v1.8.0', note: 'kept' },
    })
    await rita.close({ all: true })
  })

  it('opens from the shortcut anywhere, at once even when its choices take long', async () => {
    script.form = async () => {
      await systemClock.sleep(1_200)
      return deployForm()
    }
    await rita.shortcut('deploy')
    await rita.seeModal(/One moment/)
    await rita.seeModal(/Nothing runs before/)
    await rita.close({ all: true })
  })
})

describe('a button', () => {
  it('carries the run, the step, its round and the plan to the desk; success shows on the card alone', async () => {
    const { run, ts } = await cardOf('waiting for approval')
    const before = (await control.calls()).length
    await marco.click('releases', 'Approve', { ts })
    const digest = scenes()['waiting for approval']?.run.plan?.digest
    await waitFor('the desk was asked', () => asked.length > 0)
    expect(asked).toMatchObject([
      {
        what: 'press',
        press: { name: 'approve', run, step: 'approve', round: 1, digest },
        asker: { actor: { id: 'U0MARCO' }, via: 'button' },
      },
    ])
    expect((await control.calls()).slice(before).filter(({ method }) => method.startsWith('chat.'))).toEqual([])
  })

  it('tells only the person why when it is refused', async () => {
    const { ts } = await cardOf('waiting for approval')
    script.reply = () => ({
      kind: 'refused',
      refusal: {
        code: 'own-request',
        what: 'Your approval does not count.',
        why: 'You asked for this deploy.',
        next: 'Ask one of @release-managers.',
      },
    })
    await rita.click('releases', 'Approve', { ts })
    expect((await rita.seeMessage('releases', /Your approval does not count/)).ephemeral).toBe(true)
  })

  it('does nothing on a copy of the card, and says why', async () => {
    const { ts } = await cardOf('waiting for approval')
    const card = (await marco.messages('releases')).find((one) => one.ts === ts)
    const copy = await web.call('chat.postMessage', { channel: 'C0GENERAL', text: 'a copy', blocks: card?.blocks })
    if (!copy.ok) await web.call('chat.postMessage', { channel: 'C0INCIDENTS', text: 'a copy', blocks: card?.blocks })
    await marco.click(copy.ok ? 'general' : 'incidents', 'Approve')
    await marco.seeMessage(copy.ok ? 'general' : 'incidents', /This button does nothing any more/)
    expect(asked).toEqual([])
  })

  it('whose contents were edited asks the desk for nothing but what its own card can', async () => {
    const { run, ts } = await cardOf('waiting for approval')
    const { blocks } = (await marco.messages('releases')).find((one) => one.ts === ts) ?? {}
    const edited = async (edit: (button: { value: string; action_id: string }) => object) => {
      const changed = structuredClone(blocks ?? []) as { elements?: { text?: { text: string } }[]; block_id?: string }[]
      for (const block of changed) {
        const button = block.elements?.find(({ text }) => text?.text === 'Approve')
        if (!button) continue
        Object.assign(button, edit(button as never))
        block.block_id = 'another'
      }
      await web.call('chat.update', { channel: 'C0RELEASES', ts, text: 'edited', blocks: changed })
      await marco.click('releases', 'Approve', { ts })
    }
    const withValue = (more: object) =>
      edited(({ value }) => ({ value: JSON.stringify({ ...JSON.parse(value), ...more }) }))
    const refusals = async () =>
      (await marco.messages('releases')).filter((one) => /This button does nothing any more/.test(wordsOf(one))).length
    const before = await refusals()
    await withValue({ run: run + 1 })
    await withValue({ name: 'unlock' })
    await withValue({ as: 'U0MINA' })
    await withValue({ round: 'x' })
    await edited(() => ({ value: 'no JSON' }))
    await waitFor('each was refused', async () => (await refusals()) - before === 5)
    expect(asked).toEqual([])
    await edited(() => ({ action_id: 'something_else' }))
    await waitFor('the desk was asked', () => asked.length > 0)
    expect(asked).toMatchObject([{ press: { name: 'approve', run }, asker: { actor: { id: 'U0MARCO' } } }])
    // One live run more and the channel would get a board.
    const over = scenes().undone ?? scene()
    rows.change({ ...over, run: { ...over.run, id: run } })
  })

  it('asks for a reason before it rejects', async () => {
    const { run, ts } = await cardOf('waiting for approval')
    await marco.click('releases', 'Reject…', { ts })
    await marco.seeModal(/The plan ends refused and nothing is changed/)
    expect((await marco.submit({ reason: '   ' })).errors).toEqual({ reason: expect.stringMatching(/^Say why/) })
    await marco.submit({ reason: 'not on a Friday' })
    await waitFor('the desk was asked again', () => asked.length > 1)
    // The first try, without a reason, only finds out whether this person may reject at all.
    expect(asked).toMatchObject([
      { what: 'press', press: { name: 'reject', run, reason: '' } },
      { what: 'press', press: { name: 'reject', run, reason: 'not on a Friday' } },
    ])
  })

  it('says what a cancel brings about before it is done', async () => {
    const { run, ts } = await cardOf('running')
    await marco.click('releases', 'Cancel…', { ts })
    await marco.seeModal(/What was done is put back: traffic back to blue and stop green/)
    await marco.submit({ reason: '' })
    await waitFor('the desk was asked', () => asked.length > 0)
    expect(asked).toMatchObject([{ what: 'press', press: { name: 'cancel', run } }])
  })

  it('opens the details for one reader', async () => {
    const { run, ts } = await cardOf('undone')
    script.reply = () => ({ kind: 'run', view: rows.runs.get(run)?.view ?? scene() })
    await marco.click('releases', 'Details', { ts })
    await marco.seeModal(/errors rose to 4\.8 %/)
    expect(asked).toMatchObject([{ what: 'say', command: 'ops', words: `runs ${run}` }])
    await marco.close({ all: true })
  })
})

describe('a mention', () => {
  it('works in a thread and is answered there, to that person', async () => {
    const { ts } = await cardOf('running')
    await rita.send('releases', '<@U0SHIPMATE> deploy prod v1.8.0', { thread_ts: ts })
    await waitFor('the desk was asked', () => asked.length > 0)
    expect(asked).toMatchObject([
      { what: 'mentions', words: 'deploy prod v1.8.0', asker: { via: 'mention', thread: ts } },
    ])
    expect((await rita.seeReply('releases', ts, /Noted\./)).ephemeral).toBe(true)
  })

  it('offers a button that opens the form, since a mention cannot', async () => {
    script.reply = () => ({ kind: 'form', form: deployForm() })
    await rita.send('releases', '<@U0SHIPMATE> deploy')
    await rita.seeMessage('releases', /the form asks for it/)
    await rita.click('releases', 'Open the form')
    await rita.seeModal(/Nothing runs before/)
    await rita.close({ all: true })
  })
})

describe('App Home', () => {
  it('says what waits, what runs, what is broken and what one may do', async () => {
    const of = (name: string) => [scenes()[name] ?? scene()]
    script.home = () => ({
      waitsForMe: of('waiting for approval'),
      routines: [],
      running: of('running'),
      broken: of('failed'),
      incidents: [],
      locked: [],
      may: [{ usage: '/deploy [service] <environment>', summary: 'Ship a version.', example: '/deploy prod' }],
    })
    await rita.openHome()
    const words = wordsOf(await rita.seeHome(/Waits for you/))
    for (const part of [
      'Waits for you',
      'waiting for approval',
      'Running',
      '4 of 6',
      'Broken',
      'half-way',
      'You may',
      '/deploy prod',
    ])
      expect(words).toContain(part)
  })
})

describe('the connection', () => {
  it('comes back by itself when Slack drops it, and nobody has to type twice', async () => {
    await control.sockets('drop')
    await waitFor('it is back', async () => (await control.sockets('status')) > 0)
    await waitFor('it is well', () => face.problems().length === 0)
    await rita.send('releases', '/ops status after a drop')
    await waitFor('the desk was asked', () =>
      asked.some((one) => one.what === 'say' && one.words.includes('after a drop')),
    )
  })

  it('survives an event without content, which Slack sends when there are too many', async () => {
    await control.sockets('app_rate_limited')
    await rita.send('releases', '/ops status still here')
    await waitFor('the desk was asked', () =>
      asked.some((one) => one.what === 'say' && one.words.includes('still here')),
    )
  })
})
