import { shownDuration } from '../../releases/durations.js'
import type { Actor } from '../../runs/run.js'
import type { AlertRecord } from '../alert.js'
import { type IncidentId, type IncidentView, nameOf } from '../incident.js'
import type { Declaration, IncidentChange, IncidentPost } from '../ports.js'
import { slugOf } from '../room.js'
import type { IncidentSettings } from '../settings.js'
import { isWorse } from '../severity.js'
import type { Storm } from './judging.js'

/** The sender of an alert, as the one who did something. */
export const senderOf = ({ source }: Pick<AlertRecord, 'source'>): Actor => ({
  kind: 'machine',
  id: source,
  name: sourceNames[source] ?? source,
})

const sourceNames: { [source: string]: string } = {
  ...{ alertmanager: 'Alertmanager', grafana: 'Grafana', sentry: 'Sentry', pagerduty: 'PagerDuty', github: 'GitHub' },
  ...{ stripe: 'Stripe', n8n: 'n8n', generic: 'A webhook', docker: 'Docker', kubernetes: 'Kubernetes' },
}

/** The same for the same firing, whichever front it comes to. */
export const requestKeyOf = ({ source, fingerprint, startedAt }: AlertRecord): string =>
  `alert:${source}:${fingerprint}:${startedAt.getTime()}`

const placeOf = ({ service, environment }: Pick<AlertRecord, 'service' | 'environment'>): string =>
  [service, environment].filter((part) => part !== null).join(' in ')

/** The incident that an alert, or a storm of them, opens. */
export function declarationOf(
  alert: AlertRecord,
  storm: Storm | null,
  {
    team,
    severity,
    settings,
    now,
  }: { team: string; severity: Declaration['severity']; settings: IncidentSettings; now: Date },
): Declaration {
  const title = storm ? stormTitle(storm) : alert.title
  const place = storm ? { service: null, environment: storm.environment } : alert
  return {
    ...{ requestKey: requestKeyOf(alert), team, title, severity, private: false },
    ...{ service: place.service, environment: place.environment },
    source: { kind: 'alert', alert: alert.id },
    declaredBy: senderOf(alert),
    via: 'alert',
    roles: settings.roles,
    slug: slugOf(place.service, storm ? 'many services' : alert.title),
    at: now,
  }
}

export function stormTitle({ services, environment }: Storm): string {
  const shown = services.slice(0, 3).join(', ')
  const more = services.length > 3 ? ` and ${services.length - 3} more` : ''
  return `${services.length} services raise alerts at once${environment ? ` in ${environment}` : ''}: ${shown}${more}`
}

/** An alert joins an incident: a line of its timeline, a word in the thread only when it is worse or makes it a storm. */
export function joined(
  view: IncidentView,
  alert: AlertRecord,
  { why, storm, now }: { why: string; storm: Storm | null; now: Date },
): IncidentChange {
  const { incident } = view
  const by = senderOf(alert)
  const place = placeOf(alert)
  const text = `${alert.title}${place ? ` (${place})` : ''} ${why === 'fires again' ? 'fires again' : 'fires'}: ${alert.text}`
  const worse = alert.severity !== null && isWorse(alert.severity, incident.severity)
  const proposal =
    worse && alert.severity ? { severity: alert.severity, why: `the alert ${alert.title} says so` } : null
  const grown = storm && incident.source.kind === 'alert' && incident.service !== null ? storm : null
  return {
    set: {
      wakeAt: now,
      ...(proposal ? { proposal } : {}),
      ...(grown ? { title: stormTitle(grown), service: null, environment: grown.environment } : {}),
    },
    timeline: [
      { key: `alert:${alert.id}:fired`, kind: 'alert', at: alert.startedAt, by, text: cut(text), data: linkOf(alert) },
    ],
    posts: [...(worse ? [worseSaid(alert, incident.severity)] : []), ...(grown ? [stormSaid(grown)] : [])],
    audit: [{ actor: by, act: 'added an alert', subject: { alert: alert.id } }],
  }
}

const worseSaid = (alert: AlertRecord, than: string): IncidentPost => ({
  key: `alert:${alert.id}:worse`,
  to: { kind: 'thread' },
  text: cut(`${alert.title} is ${alert.severity}, and this is ${than}. Is it worse than we think? ${alert.text}`),
})

const stormSaid = (storm: Storm): IncidentPost => ({
  key: 'storm',
  to: { kind: 'thread' },
  text: `This is a storm: ${stormTitle(storm)}. Their alerts come together here, and none of them opens an incident of its own.`,
})

/** Said where a storm opened the incident. */
export const stormOpened = (storm: Storm): IncidentPost => stormSaid(storm)

/** An alert of the incident is over; said when it was the last one. */
export function endedIn(view: IncidentView, alert: AlertRecord, now: Date): IncidentChange {
  const lasted = shownDuration((alert.endedAt ?? now).getTime() - alert.startedAt.getTime())
  const over = view.alerts.firing === 0
  return {
    // Of one that is over the clock may ring for what follows it: it is left as it is.
    ...(view.incident.state === 'open' && { set: { wakeAt: now } }),
    timeline: [
      {
        ...{ key: `alert:${alert.id}:ended`, kind: 'alert', at: alert.endedAt ?? now, by: senderOf(alert) },
        text: cut(`${alert.title} ${overWords(alert, lasted)}`),
      },
    ],
    posts: over && view.incident.state === 'open' ? [allOver(view, alert)] : [],
  }
}

/** Nothing is claimed that nobody said. */
export const overWords = (alert: AlertRecord, lasted: string): string =>
  alert.data.unheard === true
    ? `counts as over: nothing was heard of it for a long time (it began ${lasted} ago).`
    : `is over after ${lasted}.`

const allOver = (view: IncidentView, alert: AlertRecord): IncidentPost => ({
  key: `alerts-over:${alert.id}`,
  to: { kind: 'thread' },
  text: view.alerts.all === 1 ? 'The alert is over.' : `All ${view.alerts.all} alerts are over.`,
})

/** An incident that turned out to be part of another one. */
export function absorbedInto(view: IncidentView, into: IncidentId, by: Actor, now: Date): IncidentChange {
  const text = `This is part of ${nameOf(into)}: many services raise alerts at once. Go on there.`
  return {
    set: { state: 'duplicate', duplicateOf: into, nextUpdate: null, wakeAt: null },
    timeline: [{ key: `duplicate:${into}`, kind: 'state', at: now, by, text }],
    posts: [{ key: `duplicate:${into}`, to: { kind: 'room' }, text }],
    audit: [{ actor: by, act: 'marked as a duplicate', subject: { of: into, version: view.incident.version } }],
  }
}

/** Timelines and messages hold sentences; the whole text stays on the alert. */
const cut = (text: string): string => (text.length > 600 ? `${text.slice(0, 599)}…` : text)

const linkOf = ({ id, link }: AlertRecord) => ({ alert: id, ...(link ? { link } : {}) })
