import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLimits } from '../../../playground/workspace/limits.js'
import type { Message as SlackMessage } from '../../../playground/workspace/protocol.js'
import { startWorkspace } from '../../../playground/workspace/server.js'
import { writtenReview } from '../../../src/app/incidents/desk.js'
import { type Clock, systemClock } from '../../../src/clock.js'
import type { IncidentView } from '../../../src/incidents/incident.js'
import type { Declaration, IncidentChange } from '../../../src/incidents/ports.js'
import { slugOf } from '../../../src/incidents/room.js'
import { type IncidentSettings, usualSettings } from '../../../src/incidents/settings.js'
import { silentLog } from '../../../src/log.js'
import { createDirectory } from '../../../src/slack/directory.js'
import { createIdentity } from '../../../src/slack/identity.js'
import { createOutbox, type Outbox } from '../../../src/slack/outbox.js'
import { createSendBytes, type SendBytes } from '../../../src/slack/upload.js'
import { createSlackWeb, type SlackWeb } from '../../../src/slack/web.js'
import { openStore } from '../../../src/store/connect.js'
import { createControl } from '../control.js'
import { freshDatabase } from '../database.js'
import { createPerson } from '../person.js'
import type { RoomTime } from './room-time.js'

export const rita = { kind: 'person', id: 'U0RITA', name: 'Rita' } as const
export const marco = { kind: 'person', id: 'U0MARCO', name: 'Marco' } as const

/** `from` and `to` in milliseconds of the world's own time. */
export type Call = { method: string; args: { [name: string]: unknown }; from: number; to: number }

export type RoomOptions = {
  limits?: boolean
  callMs?: number
  history?: boolean
  /** Time that passes only while nobody works; without it the time of day. */
  time?: RoomTime
  /** The time of day of whoever tells, where it is to be another one. */
  clock?: Clock
}

/** Rows in PostgreSQL, the local workspace with Slack's limits, and an outbox between them whose calls take `callMs`. */
export async function roomWorld(options: RoomOptions = {}) {
  const { limits = true, time } = options
  const clock = time ?? options.clock ?? systemClock
  const at = time?.at ?? (() => performance.now())
  const counted = <Part extends object>(part: Part): Part => time?.counted(part) ?? part
  const [database, workspace] = await Promise.all([
    freshDatabase(),
    startWorkspace({ manifestPath: options.history ? withHistory() : 'manifest.yml', limits: limits && !time }),
  ])
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const slack = createSlackWeb({ token: workspace.tokens.bot, apiUrl: `${workspace.url}/api/`, log: silentLog })
  const identity = createIdentity(slack)
  await identity.learn()
  const settings: IncidentSettings = { ...usualSettings, channel: 'C0INCIDENTS' }
  settings.severities = { ...settings.severities }
  const calls: Call[] = []
  const state = {
    callMs: options.callMs ?? 0,
    /** Throws to die at a call. */
    before: async (_method: string): Promise<void> => {},
    after: async (_method: string): Promise<void> => {},
    links: [{ title: 'Dashboard', link: 'https://grafana.example/d/shop' }],
  }
  // The workspace counts by the time of day, which does not pass here.
  const keeps = createLimits()
  keeps.enabled = limits && time !== undefined
  const limited: string[] = []
  const there = counted(slack)
  const web: SlackWeb = {
    async call(method, args) {
      await state.before(method)
      const from = at()
      const taken = keeps.take(method, 'T0', String(args.channel ?? ''), from)
      if (!taken.ok) limited.push(method)
      if (!taken.ok) return { ok: false, why: 'limited', retryAfterMs: taken.retryAfterS * 1_000 }
      if (state.callMs > 0) await clock.sleep(state.callMs)
      const answer = await there.call(method, args)
      calls.push({ method, args, from, to: at() })
      await state.after(method)
      return answer
    },
  }
  const toSlack = createSendBytes([new URL(workspace.url).origin])
  const send: SendBytes = async (url, bytes) => {
    await state.before('upload')
    const from = at()
    const answer = await toSlack(url, bytes)
    calls.push({ method: 'upload', args: {}, from, to: at() })
    await state.after('upload')
    return answer
  }
  const zone = { catalogue: { zone: 'Europe/Berlin' }, clock }
  const directory = createDirectory({ web, identity, clock })
  const { telling, rows, alerts, digests } = counted(store.incidents)
  /** When each incident had something that stands in for it. */
  const told = new Map<number, number>()
  const furnished: typeof telling.furnished = async (id, room) => {
    await telling.furnished(id, room)
    if (room.card && !told.has(id)) told.set(id, at())
  }
  const create = (): Outbox =>
    createOutbox({
      telling: counted(store.telling),
      boards: counted(store.boards),
      desk: counted(store.desk),
      signals: store.signals,
      leadership: {
        lead: async () => ({ lost: new AbortController().signal, holds: () => true, release: async () => {} }),
      },
      web,
      channelOf: (environment) => (environment === 'prod' ? 'C0RELEASES' : null),
      groupIds: directory.groupId,
      routines: counted(store.routines),
      incidents: {
        ...{ telling: { ...telling, furnished }, rows, alerts, digests, signals: store.signals },
        settings: () => settings,
        links: () => state.links,
        members: directory.members,
        botUser: () => identity.known()?.botUser ?? null,
        reviews: { written: (view) => writtenReview(zone, store, view), send },
      },
      clock,
      log: silentLog,
    })
  const running: { stop: AbortController; told: Promise<void> }[] = []
  let count = 0
  /** Whoever tells hears of a declaration by a way of its own, which takes none of this time either. */
  function heldUntilHeard({ hold }: RoomTime): (id: number) => void {
    const release = hold()
    const heard = new Set<number>()
    let awaited: number | null = null
    const quiet = store.signals.onIncident((id) => {
      heard.add(id)
      if (id === awaited) done()
    })
    function done() {
      quiet()
      release()
    }
    return (id) => {
      awaited = id
      if (heard.has(id)) done()
    }
  }
  const never = new AbortController().signal
  return {
    ...{ store, workspace, slack, settings, calls, state, create, never, at, told, clock },
    /** Calls that Slack told to wait. */
    limited: async () => [
      ...limited,
      ...(await createControl(workspace.url).calls()).flatMap(({ status, method }) => (status === 429 ? [method] : [])),
    ],
    control: createControl(workspace.url),
    person: createPerson(workspace.url, 'U0RITA'),
    /** Tells from now on, until the world ends or what it answers is called. */
    lead(): () => Promise<void> {
      const stop = new AbortController()
      const told = create().run(stop.signal)
      running.push({ stop, told })
      return () => {
        stop.abort()
        return told
      }
    },
    async declare(wish: Partial<Declaration> = {}): Promise<number> {
      const title = wish.title ?? 'Checkout is slow'
      const heard = time ? heldUntilHeard(time) : () => {}
      const { incident } = await rows.declare({
        ...{ requestKey: `r${++count}`, team: 'T0PLAYGROUND', title, service: 'storefront', environment: 'prod' },
        ...{ severity: 'SEV2', private: false, source: { kind: 'person' }, declaredBy: rita, via: 'slack' },
        ...{ roles: ['commander', 'communications'], slug: slugOf('storefront', title), at: clock.now() },
        ...wish,
      })
      heard(incident.id)
      return incident.id
    },
    view: async (id: number): Promise<IncidentView> => {
      const view = await rows.view(id)
      if (!view) throw new Error(`there is no incident ${id}`)
      return view
    },
    async change(id: number, change: (view: IncidentView) => IncidentChange): Promise<void> {
      for (;;) {
        const view = await rows.view(id)
        if (!view) throw new Error(`there is no incident ${id}`)
        if (await rows.write(id, view.incident.version, change(view), new Date())) return
      }
    },
    async channels(): Promise<{ id: string; name: string; archived: boolean; topic: string; members: number }[]> {
      const answer = await slack.call('conversations.list', { types: 'public_channel,private_channel', limit: 1000 })
      if (!answer.ok) throw new Error(JSON.stringify(answer))
      const listed = answer.data.channels as {
        id: string
        name: string
        is_archived: boolean
        topic: { value: string }
        num_members: number
      }[]
      return listed.map((one) => ({
        ...{ id: one.id, name: one.name, archived: one.is_archived, topic: one.topic.value, members: one.num_members },
      }))
    },
    /** The newest 200 messages that stand in a channel, oldest first; what is in threads is not among them. */
    messages: (channel: string, user = 'U0RITA'): Promise<SlackMessage[]> =>
      createPerson(workspace.url, user).messages(channel),
    async end() {
      for (const { stop } of running) stop.abort()
      await Promise.all(running.map(({ told }) => told))
      time?.stop()
      await Promise.all([store.close(), workspace.close()])
      await database.drop()
    },
  }
}

/** The manifest with what an operator may add, so that the app can look whether a message is there. */
export function withHistory(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'manifest-')), 'manifest.yml')
  const scopes = '      - channels:history\n      - groups:history\n      - channels:manage\n'
  writeFileSync(path, readFileSync('manifest.yml', 'utf8').replace('      - channels:manage\n', scopes))
  return path
}

export type RoomWorld = Awaited<ReturnType<typeof roomWorld>>
