import { createHmac } from 'node:crypto'
import { type Clock, systemClock } from '../../src/clock.js'
import type { Asker } from '../../src/commands/command.js'
import type { AlertNotice } from '../../src/incidents/alert.js'
import type { OutsideSilences } from '../../src/incidents/alerts/ports.js'
import { rulesOf } from '../../src/incidents/alerts/rules.js'
import { usualSettings } from '../../src/incidents/settings.js'
import { createIntake } from '../../src/jobs/alerts/intake.js'
import { createAlertJudge } from '../../src/jobs/alerts/judge.js'
import type { AlertParts } from '../../src/jobs/alerts/parts.js'
import { silentLog } from '../../src/log.js'
import { alertsSection } from '../../src/releases/sections/alerts.js'
import { openStore, type Store } from '../../src/store/connect.js'
import { createAlertListener } from '../../src/webhooks/listener.js'
import { armedSenders } from '../../src/webhooks/senders.js'
import { freshDatabase } from './database.js'

export const rita = { kind: 'person', id: 'U0RITA', name: 'Rita' } as const

let requests = 0
export const asker = (): Asker => {
  requests += 1
  return { actor: rita, team: 'T1', via: 'button', requestKey: `press:${requests}` }
}

export type AlertFront = Awaited<ReturnType<typeof createAlertFront>>

/** What a test may set. */
export type AlertOptions = { alerts?: object; outside?: OutsideSilences | null; clock?: Clock }

/** One front: a store of its own, the judge, the intake and a listener on loopback. */
export async function createAlertFront(
  ownerUrl: string,
  { alerts = {}, outside = null, clock = systemClock }: AlertOptions = {},
) {
  const store = await openStore({ ownerUrl, log: silentLog, clock })
  const section = alertsSection.parse(alerts)
  const parts = partsOf(store, section, outside, clock)
  const judge = createAlertJudge(parts)
  const intake = createIntake(parts, judge)
  const senders = await armedSenders(section, async (reference) => `secret-of-${reference}`)
  const listener = createAlertListener({ senders, take: intake, port: 0, clock, log: silentLog })
  const { url } = await listener.listen()
  return {
    ...{ store, parts, judge, listener, url },
    incidents: () => store.incidents.rows.list({ limit: 1_000 }),
    /** As Alertmanager's `http_config` does. */
    post: (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(`${url}/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer secret-of-env:AM', ...headers },
        body: JSON.stringify(body),
      }),
    close: async () => {
      await listener.close()
      await judge.settled()
      await store.close()
    },
  }
}

function partsOf(
  store: Store,
  section: ReturnType<typeof alertsSection.parse>,
  outside: OutsideSilences | null,
  clock: Clock,
): AlertParts {
  const { rows, reads, alerts, intake, book, turns, silences } = store.incidents
  return {
    ...{ rows, reads, alerts, intake, book, turns, silences, outside, clock },
    rules: rulesOf(section),
    settings: usualSettings,
    names: { services: ['storefront', 'checkout', ...many], environments: ['prod', 'staging'] },
    code: () => null,
    channelOf: (environment) => (environment === 'prod' ? 'C0PROD' : null),
    team: async () => 'T1',
    may: async () => null,
    log: silentLog,
  }
}

/** Services of a storm. */
export const many = Array.from({ length: 60 }, (_, at) => `service-${at}`)

/** A database of its own with as many fronts as wanted. */
export async function createAlertWorld(fronts: number, options: AlertOptions = {}) {
  const database = await freshDatabase()
  const all = await Promise.all(Array.from({ length: fronts }, () => createAlertFront(database.ownerUrl, options)))
  return {
    fronts: all,
    close: async () => {
      for (const front of all) await front.close()
      await database.drop()
    },
  }
}

/** An alert as Alertmanager sends it, in a payload of its own. */
export function payload(...alerts: Partial<ReturnType<typeof amAlert>>[]) {
  return {
    ...{ version: '4', groupKey: `{}:{alertname="${alerts[0]?.fingerprint}"}`, status: 'firing', receiver: 'shipmate' },
    ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://am', truncatedAlerts: 0 },
    alerts: alerts.map((one) => amAlert(one)),
  }
}

type AmAlert = {
  status: string
  labels: { [name: string]: string }
  annotations: { [name: string]: string }
  startsAt: string
  endsAt: string
  generatorURL: string
  fingerprint: string
}

function amAlert(given: Partial<AmAlert>): AmAlert {
  return {
    status: 'firing',
    labels: { alertname: 'HighErrorRate', severity: 'critical', service: 'storefront', environment: 'prod' },
    annotations: { summary: 'errors', description: '5 % of requests fail' },
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus/graph',
    fingerprint: 'aaaa000011112222',
    ...given,
  }
}

/** A notice as a sender's file makes it. */
export const notice = (given: Partial<AlertNotice>): AlertNotice => ({
  ...{ source: 'alertmanager', fingerprint: 'f', group: null, state: 'firing', title: 'HighErrorRate', text: 'errors' },
  ...{ severity: 'SEV2', service: 'storefront', environment: 'prod', labels: {}, link: null },
  ...{ startedAt: new Date(), endedAt: null, data: {} },
  ...given,
})

/** Our own signature: three lines in any language. */
export function signed(
  body: object,
  secret: string,
  at = new Date(),
): { text: string; headers: Record<string, string> } {
  const text = JSON.stringify(body)
  const seconds = String(Math.floor(at.getTime() / 1000))
  const hex = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')
  return {
    text,
    headers: {
      'content-type': 'application/json',
      'x-shipmate-timestamp': seconds,
      'x-shipmate-signature': `v1=${hex}`,
    },
  }
}
