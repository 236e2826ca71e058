import type { Trouble } from '../../backups/health.js'
import type { AlertNotice, AlertRecord } from '../../incidents/alert.js'
import type { Catalogue } from '../../releases/catalogue.js'
import type { Arrival } from '../alerts/intake.js'
import { homeOf } from './database.js'

/** Where alerts of our own come from. */
export const ownSource = 'shipmate'

export type RaisingParts = {
  catalogue: Catalogue
  /** Alerts of our own that fire. */
  firing(): Promise<AlertRecord[]>
  take(arrival: Arrival, at: Date): Promise<void>
}

/** An alert that is repeated so often is not taken for one that nobody hears of any more. */
const repeatEvery = 30 * 60_000

/** The same way as alerts from outside: kept, judged, told, and ended when it is well again. */
export function createRaising({ catalogue, firing, take }: RaisingParts) {
  return async (database: string, troubles: Trouble[], now: Date): Promise<void> => {
    const group = `backup:${database}`
    const open = (await firing()).filter((alert) => alert.source === ownSource && alert.group === group)
    const notices = troubles.flatMap((trouble) => {
      const known = open.find(({ fingerprint }) => fingerprint === fingerprintOf(database, trouble))
      const silent = known && now.getTime() - known.lastAt.getTime() < repeatEvery
      return silent ? [] : [noticeOf(catalogue, database, trouble, known?.startedAt ?? now)]
    })
    const over = open
      .filter(({ fingerprint }) => !troubles.some((trouble) => fingerprintOf(database, trouble) === fingerprint))
      .map((alert): AlertNotice => ({ ...noticeFrom(alert), state: 'resolved', endedAt: now }))
    if (notices.length + over.length === 0) return
    await take({ source: ownSource, key: null, notices: [...notices, ...over], changes: [], acts: [] }, now)
  }
}

/** What gets worse is a trouble of its own: it is judged anew. */
const fingerprintOf = (database: string, { kind, severity }: Trouble) =>
  `backup:${database}:${kind.replace(' ', '-')}:${severity.toLowerCase()}`

function noticeOf(catalogue: Catalogue, database: string, trouble: Trouble, startedAt: Date): AlertNotice {
  const { service, environment } = homeOf(catalogue, database)
  const { kind, severity, title, next } = trouble
  return {
    source: ownSource,
    fingerprint: fingerprintOf(database, trouble),
    group: `backup:${database}`,
    state: 'firing',
    title,
    text: next,
    severity,
    ...{ service, environment },
    labels: { alertname: `backup ${kind}`, database, service, environment },
    link: null,
    startedAt,
    endedAt: null,
    data: {},
  }
}

/** What is kept, without what only we know of it. */
function noticeFrom(alert: AlertRecord): Omit<AlertNotice, 'state' | 'endedAt'> {
  const { source, fingerprint, group, title, text, severity, service, environment, labels, link, startedAt, data } =
    alert
  return { source, fingerprint, group, title, text, severity, service, environment, labels, link, startedAt, data }
}
