import type { AlertRecord } from '../alert.js'
import { type IncidentId, type IncidentRecord, type Severity, severities } from '../incident.js'
import { isWorse } from '../severity.js'
import type { AlertStanding, Silence, Surroundings } from './ports.js'
import type { Routed } from './rules.js'

/** All that is looked at to say what becomes of an alert. */
export type Sight = {
  standing: AlertStanding
  routed: Routed
  around: Surroundings
  /** Open incidents, newest first. */
  open: IncidentRecord[]
  silences: Silence[]
  /** Milliseconds within which alerts are one trouble. */
  window: number
  /** So many services at once are a storm. */
  storm: number
  /** The environment's channel, where no route names one. */
  channel: string | null
  now: Date
}

export type Storm = { services: string[]; severity: Severity; environment: string | null }

/** What becomes of an alert. */
export type Verdict =
  | { kind: 'ended' }
  | { kind: 'silence'; until: Date }
  /** `absorb`: incidents that alerts opened, that nobody took, and that are the same storm. */
  | { kind: 'fold'; incident: IncidentId; why: string; storm: Storm | null; absorb: IncidentId[] }
  | { kind: 'declare'; severity: Severity; storm: Storm | null }
  | { kind: 'message'; channel: string; again: boolean }
  | { kind: 'nobody' }

/** Alerts of one group or place belong to the open incident there; what is new and severe enough opens one. Pure. */
export function judged(sight: Sight): Verdict {
  const { standing, routed, around, open, channel } = sight
  const { alert, duplicateOf } = standing
  if (alert.endedAt !== null) return { kind: 'ended' }
  if (routed.ignore || duplicateOf !== null) return { kind: 'nobody' }
  if (alert.incident !== null) return folded(alert.incident, 'belongs to it')
  const until = silencedUntil(alert, sight)
  if (until) return { kind: 'silence', until }
  const known = open.find(({ id }) => id === around.before?.incident)
  if (known) return folded(known.id, 'fires again')
  const grouped = open.find(({ id }) => id === around.ofGroup)
  if (grouped && !tooMuchFor(grouped, sight)) return folded(grouped.id, 'is of the same group')
  const there = open.find((incident) => isThere(incident, alert) && !tooMuchFor(incident, sight))
  if (there) return folded(there.id, 'is at the same place')
  const severe = alert.severity !== null && routed.declare.includes(alert.severity)
  const storm = stormAround(sight)
  const stormy = stormIncident(sight, storm)
  if (stormy && (severe || stormy.service === null))
    return {
      ...folded(stormy.id, 'belongs to the storm'),
      storm: severe ? storm : null,
      absorb: severe && storm ? absorbed(sight, stormy) : [],
    }
  if (severe) return { kind: 'declare', severity: storm?.severity ?? alert.severity ?? 'SEV3', storm }
  const to = routed.channel ?? channel
  return to === null ? { kind: 'nobody' } : { kind: 'message', channel: to, again: around.before !== null }
}

const folded = (incident: IncidentId, why: string) => ({
  kind: 'fold' as const,
  incident,
  why,
  storm: null,
  absorb: [] as IncidentId[],
})

const isThere = (incident: IncidentRecord, alert: AlertRecord): boolean =>
  incident.service !== null && incident.service === alert.service && incident.environment === alert.environment

/** Something worse, long after the last alert of an incident, is a trouble of its own. */
function tooMuchFor(incident: IncidentRecord, { standing, around, window }: Sight): boolean {
  const { severity, startedAt } = standing.alert
  if (severity === null || !isWorse(severity, incident.severity)) return false
  const last = around.latest.find((one) => one.incident === incident.id)?.at ?? incident.declaredAt
  const latest = Math.max(last.getTime(), incident.declaredAt.getTime())
  return startedAt.getTime() - latest > window
}

function silencedUntil(alert: AlertRecord, { silences, now }: Sight): Date | null {
  const ends = silences.filter((silence) => covers(silence, alert)).map(({ endsAt }) => endsAt.getTime())
  const own = alert.silencedUntil && alert.silencedUntil > now ? [alert.silencedUntil.getTime()] : []
  const until = Math.max(0, ...ends, ...own)
  return until > now.getTime() ? new Date(until) : null
}

export function covers({ covers: what }: Pick<Silence, 'covers'>, alert: AlertRecord): boolean {
  if (what.kind === 'alert') return what.source === alert.source && what.fingerprint === alert.fingerprint
  return what.service === alert.service && what.environment === alert.environment
}

/** Alerts that could each open an incident, of many services within the window. */
function stormAround({ standing, around, window, storm, routed }: Sight): Storm | null {
  const { alert } = standing
  const near = [alert, ...around.lately.filter((other) => isNear(alert, other, window))].filter(
    ({ severity }) => severity !== null && routed.declare.includes(severity),
  )
  const services = [...new Set(near.flatMap(({ service }) => service ?? []))].sort()
  if (services.length < storm) return null
  const severity = severities.find((one) => near.some((other) => other.severity === one)) ?? 'SEV2'
  const environments = new Set(near.map(({ environment }) => environment))
  return { services, severity, environment: environments.size === 1 ? alert.environment : null }
}

const isNear = (alert: AlertRecord, other: AlertRecord, window: number): boolean =>
  Math.abs(alert.startedAt.getTime() - other.startedAt.getTime()) <= window

/** The oldest open incident that alerts opened within the window; without a storm, only one that is a storm already. */
function stormIncident({ standing, around, open, window }: Sight, storm: Storm | null): IncidentRecord | null {
  const ids = new Set(
    around.lately.filter((other) => isNear(standing.alert, other, window)).flatMap(({ incident }) => incident ?? []),
  )
  const near = open.filter(({ id, source, private: hidden }) => source.kind === 'alert' && !hidden && ids.has(id))
  const oldest = (list: IncidentRecord[]) =>
    list.reduce<IncidentRecord | null>((a, b) => (a && a.id < b.id ? a : b), null)
  return oldest(near.filter(({ service }) => service === null)) ?? (storm ? oldest(near) : null)
}

/** Others that the same storm opened, as long as nobody took them. */
function absorbed({ standing, around, open, window }: Sight, into: IncidentRecord): IncidentId[] {
  const ids = new Set(
    around.lately.filter((other) => isNear(standing.alert, other, window)).flatMap(({ incident }) => incident ?? []),
  )
  return open
    .filter(
      ({ id, source, acknowledgedAt, guide, private: hidden }) =>
        id !== into.id &&
        ids.has(id) &&
        source.kind === 'alert' &&
        acknowledgedAt === null &&
        guide === null &&
        !hidden,
    )
    .map(({ id }) => id)
}
