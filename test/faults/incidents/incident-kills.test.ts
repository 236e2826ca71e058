import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../src/free-port.js'
import { silentLog } from '../../../src/log.js'
import { type Database, openDatabase } from '../../../src/store/database.js'
import { payload } from '../../support/alert-world.js'
import { atFullSize } from '../../support/parts.js'
import { withHistory } from '../../support/rooms/room-world.js'
import { waitFor } from '../../support/wait-for.js'
import { rests } from '../rest.js'
import { openStorm, type Storm } from '../storm.js'
import { dueReminders, missingReminders, watchClocks } from './clock-witness.js'
import { guideTroubles, lostOrDouble, type Truth, truthOf, twice } from './incident-truth.js'
import { createTeller, guideFolder } from './long-incident.js'
import { acknowledgedNotes, type Shown, shownBy, shownTroubles } from './shown-truth.js'

const kills = atFullSize('incident-kills') ? 100 : 4
/** People outside are promised news so often. */
const every = 6_000
/** It lives at most so long after it was ready; milliseconds. */
const life = 5_000

const everyone = { everyone: true }
const settings = {
  incidents: {
    channel: 'C0INCIDENTS',
    guides: guideFolder(),
    severities: { SEV2: { updateEvery: `${every / 1000}s`, page: false }, SEV3: { updateEvery: `${every / 1000}s` } },
    may: { publish: everyone },
  },
  alerts: { sources: { alertmanager: { secrets: ['env:AM'] } } },
}

const isEnd = (text: string) => text.startsWith('Resolved, ')
const isReturn = (text: string) => text.includes(' was reopened by ')

/**
 * Ends and returns take turns, and each word of a person comes to one of them at most. A word that was said again, since
 * nobody answered, is another one, and may come late.
 */
function endTroubles(own: string[]): string[] {
  const turns = own.filter((text) => isEnd(text) || isReturn(text))
  const same = turns.filter((text, at) => at > 0 && isEnd(text) === isEnd(turns[at - 1] ?? ''))
  const words = turns.map((text) => /word \d+/.exec(text)?.[0] ?? `no word in “${text}”`)
  return [...same.map((text) => `out of turn: ${text}`), ...twice(words)]
}

describe('Shipmate killed at any moment of an incident', () => {
  let storm: Storm
  let database: Database
  let truth: Truth
  let shown: Shown
  let notes: { incident: number; text: string }[]
  let acts: string[]
  let due: ReturnType<typeof dueReminders>
  /** Those that were lived through: what was said twice while it was dead is an incident too. */
  const lived: number[] = []

  beforeAll(async () => {
    const port = await freePort()
    const env = { AM: 'a-secret-of-alertmanager', ALERTS_PORT: String(port) }
    const plan = { processes: ['both' as const], environments: ['one'], manifestPath: withHistory() }
    storm = await openStorm({ ...plan, file: settings, env })
    database = openDatabase({ url: storm.databaseUrl, name: 'truth', role: null }, silentLog, 2)
    const clocks = watchClocks(database)
    const teller = createTeller(storm, database)
    const killing = killedOften()
    let ended = false
    const killed = killing.finally(() => {
      ended = true
    })
    killed.catch(() => {})
    for (let nth = 1; nth === 1 || !ended; nth++)
      lived.push(await teller.live(`pages are slow ${nth},`, alerting(port)))
    const died = await killed
    await rests(storm.databaseUrl)
    await told()
    due = dueReminders(await clocks.stop(), every)
    truth = await truthOf(database)
    shown = await shownBy(storm)
    notes = await acknowledgedNotes(storm)
    acts = storm.floor.acts.filter(({ outcome }) => outcome === 'done').map(({ run, step }) => `${run} ${step}`)
    console.log(
      `${died} kills in ${truth.incidents.length} incidents: ${notes.length} notes acknowledged, ${due.length} reminders due, ${truth.entries.length} entries, ${truth.posts.length} posts`,
    )
  }, 2_400_000)
  afterAll(async () => {
    await database?.close()
    await storm?.close()
  })

  async function killedOften(): Promise<number> {
    const [ship] = storm.ships
    for (let nth = 0; nth < kills; nth++) {
      await pause(Math.random() * life)
      await ship?.process.kill()
      await ship?.start()
    }
    return kills
  }

  const alerting = (port: number) => (fingerprint: string, status: string) => {
    const labels = { alertname: 'SlowPages', severity: 'critical', service: 'shop', environment: 'one' }
    return fetch(`http://127.0.0.1:${port}/v1/alerts/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer a-secret-of-alertmanager' },
      body: JSON.stringify(payload({ fingerprint, status, labels })),
    })
  }

  /** Everything that is to be said of incidents was said, and every card shows the newest. */
  async function told(): Promise<void> {
    const open = async () => {
      const [row] = await database.query<{ open: number }>(
        `select ((select count(*) from shipmate.incident_posts where sent_at is null and given_up_at is null)
          + (select count(*) from shipmate.incidents where drawn_version < version))::int as open`,
      )
      return row?.open
    }
    await waitFor('all is told of incidents', async () => (await open()) === 0, 60_000)
  }

  it('loses no note that was acknowledged, and writes none down twice', () => {
    expect(notes.length).toBeGreaterThanOrEqual(4)
    expect(lostOrDouble(notes, truth)).toEqual([])
    const [one] = notes
    const planted = truth.entries.filter(({ text }) => text !== one?.text)
    const lost = `“${one?.text}” is in the timeline of INC-${one?.incident} 0 times`
    expect(lostOrDouble(notes, { ...truth, entries: planted })).toEqual([lost])
    const double = truth.entries.flatMap((entry) => (entry.text === one?.text ? [entry, entry] : [entry]))
    expect(lostOrDouble(notes, { ...truth, entries: double })).toEqual([lost.replace(' 0 ', ' 2 ')])
  })

  it('has one channel and one card for each incident, and reminds once in each turn', () => {
    expect(shownTroubles(shown, truth)).toEqual([])
    const [{ id, channel }] = truth.incidents as [Truth['incidents'][number]]
    const find = (more: Partial<Shown>) => shownTroubles({ ...shown, ...more }, truth)
    const again = { id: 'C1', name: `inc-${id}-again` }
    expect(find({ channels: [...shown.channels, again] })).toEqual([`INC-${id} has 2 channels`])
    const card = { channel: channel ?? '', words: '', card: true }
    expect(find({ messages: [...shown.messages, card] })).toEqual([`INC-${id} has 2 cards`])
    const reminder = { ...card, card: false, words: 'The next update is due now' }
    expect(find({ messages: [...shown.messages, reminder] })).toEqual([
      expect.stringMatching(/^INC-\d+ was reminded \d+ times instead of/),
    ])
    const post = truth.posts[0] as Truth['posts'][number]
    expect(shownTroubles(shown, { ...truth, posts: [...truth.posts, post] })[0]).toMatch(/stands twice|was reminded/)
  })

  it('writes every reminder that is due', () => {
    expect(due.length).toBeGreaterThanOrEqual(3 * lived.length)
    expect(missingReminders(due, truth)).toEqual([])
    const [one] = due
    const planted = truth.posts.filter(({ key }) => key !== one?.key)
    expect(missingReminders(due, { ...truth, posts: planted })).toEqual([
      `${one?.key} of INC-${one?.incident} was due and never written`,
    ])
  })

  it('goes on with the guide at its step, begins its run once and does each act once', () => {
    const guides = truth.incidents.flatMap(({ guide }) => guide ?? [])
    expect(guides).toHaveLength(lived.length)
    for (const guide of guides) expect(truth.runs.find(({ id }) => id === guide)?.state).toBe('done')
    const children = truth.runs.filter(({ requestKey }) => requestKey.startsWith('guide-step:'))
    expect(children.map(({ parent }) => parent).sort()).toEqual([...guides].sort())
    const acted = [...new Set(acts.map((act) => Number(act.split(' ')[0])))]
    expect(guideTroubles(truth, acted)).toEqual([])
    expect(guideTroubles({ ...truth, answers: [] }, acted)).toHaveLength(acted.length)
    expect(twice(acts)).toEqual([])
    expect(twice([...acts, acts[0] ?? ''])).toHaveLength(1)
  })

  it('writes down once what was done once', () => {
    for (const id of lived) {
      const own = truth.entries.filter(({ incident }) => incident === id).map(({ text }) => text)
      const count = (words: RegExp) => own.filter((text) => words.test(text)).length
      expect(count(/ is commander/)).toBe(1)
      expect(count(/became SEV2/)).toBe(1)
      expect(count(/ follows the guide /)).toBe(1)
      expect(count(/^Published \(/)).toBe(1)
      expect(count(/Drafted an update: Pages were slow/)).toBe(1)
      expect(endTroubles(own)).toEqual([])
      const ends = own.filter((text) => isEnd(text) || isReturn(text))
      expect(ends.filter(isEnd).length).toBeGreaterThanOrEqual(2)
      expect(endTroubles([...own, ends.at(-1) ?? ''])).toHaveLength(2)
    }
  })
})
