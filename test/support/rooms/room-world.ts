import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Message as SlackMessage } from '../../../playground/workspace/protocol.js'
import { startWorkspace } from '../../../playground/workspace/server.js'
import { writtenReview } from '../../../src/app/incidents/desk.js'
import { systemClock } from '../../../src/clock.js'
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

export const rita = { kind: 'person', id: 'U0RITA', name: 'Rita' } as const
export const marco = { kind: 'person', id: 'U0MARCO', name: 'Marco' } as const

export type Call = { method: string; args: { [name: string]: unknown }; from: number; to: number }

/** Rows in PostgreSQL, the local workspace with Slack's limits, and an outbox between them whose calls take `callMs`. */
export async function roomWorld(options: { limits?: boolean; callMs?: number; history?: boolean } = {}) {
  const { limits = true } = options
  const [database, workspace] = await Promise.all([
    freshDatabase(),
    startWorkspace({ manifestPath: options.history ? withHistory() : 'manifest.yml', limits }),
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
  const web: SlackWeb = {
    async call(method, args) {
      await state.before(method)
      const from = performance.now()
      if (state.callMs > 0) await systemClock.sleep(state.callMs)
      const answer = await slack.call(method, args)
      calls.push({ method, args, from, to: performance.now() })
      await state.after(method)
      return answer
    },
  }
  const toSlack = createSendBytes([new URL(workspace.url).origin])
  const send: SendBytes = async (url, bytes) => {
    await state.before('upload')
    const from = performance.now()
    const answer = await toSlack(url, bytes)
    calls.push({ method: 'upload', args: {}, from, to: performance.now() })
    await state.after('upload')
    return answer
  }
  const zone = { catalogue: { zone: 'Europe/Berlin' }, clock: systemClock }
  const directory = createDirectory({ web, identity, clock: systemClock })
  const { telling, rows, alerts, digests } = store.incidents
  const create = (): Outbox =>
    createOutbox({
      telling: store.telling,
      boards: store.boards,
      desk: store.desk,
      signals: store.signals,
      leadership: {
        lead: async () => ({ lost: new AbortController().signal, holds: () => true, release: async () => {} }),
      },
      web,
      channelOf: (environment) => (environment === 'prod' ? 'C0RELEASES' : null),
      groupIds: directory.groupId,
      incidents: {
        ...{ telling, rows, alerts, digests, signals: store.signals },
        settings: () => settings,
        links: () => state.links,
        members: directory.members,
        botUser: () => identity.known()?.botUser ?? null,
        reviews: { written: (view) => writtenReview(zone, store, view), send },
      },
      clock: systemClock,
      log: silentLog,
    })
  const running: { stop: AbortController; told: Promise<void> }[] = []
  let count = 0
  const never = new AbortController().signal
  return {
    ...{ store, workspace, slack, settings, calls, state, create, never },
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
      const { incident } = await rows.declare({
        ...{ requestKey: `r${++count}`, team: 'T0PLAYGROUND', title, service: 'storefront', environment: 'prod' },
        ...{ severity: 'SEV2', private: false, source: { kind: 'person' }, declaredBy: rita, via: 'slack' },
        ...{ roles: ['commander', 'communications'], slug: slugOf('storefront', title), at: new Date() },
        ...wish,
      })
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
