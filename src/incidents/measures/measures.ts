import { wallClock, zonedMoment } from '../../clock.js'
import { shownDuration } from '../../releases/durations.js'
import type { RunId } from '../../runs/run.js'
import type { IncidentId, Severity } from '../incident.js'

/** A deploy that changed something: it went live, or it was undone or failed on the way. */
export type MeasuredDeploy = {
  run: RunId
  service: string
  environment: string
  version: string | null
  endedAt: Date
  /** undone, failed and the like: it changed something and did not stay. */
  wentLive: boolean
  /** The incident it caused: rolled back in it, or said so by a person. */
  caused: IncidentId | null
  /** When the release was built; null when that is not known any more. */
  builtAt: Date | null
}

export type MeasuredIncident = {
  id: IncidentId
  service: string | null
  severity: Severity
  declaredAt: Date
  acknowledgedAt: Date | null
  resolvedAt: Date | null
}

export type Span = { median: number; mean: number; of: number }

/** The figures of one service, or of all of them; durations in milliseconds, null where there is nothing to measure. */
export type Figures = {
  deploys: number
  perDay: number
  failed: number
  /** Share of deploys that failed or caused an incident. */
  changeFailure: number | null
  /** From built to live. */
  leadTime: Span | null
  incidents: number
  toAcknowledge: Span | null
  toResolve: Span | null
}

export type Measures = {
  from: Date
  to: Date
  days: number
  environment: string
  /** Null: all of them. */
  service: string | null
  all: Figures
  byService: { service: string; figures: Figures }[]
  /** Each calendar day, oldest first. */
  series: { day: string; deploys: number; failed: number; incidents: number }[]
  /** What the figures say, in words; also the chart's text for those who do not see it. */
  verdict: string
}

export type MeasuredRows = { deploys: readonly MeasuredDeploy[]; incidents: readonly MeasuredIncident[] }

export type MeasureScope = { days: number; environment: string; service: string | null; zone: string; now: Date }

/** So many whole calendar days, today among them. */
export function measuredFrom({ days, zone, now }: Pick<MeasureScope, 'days' | 'zone' | 'now'>): Date {
  return zonedMoment(firstDay(days, zone, now), '00:00', zone)
}

function firstDay(days: number, zone: string, now: Date): string {
  const today = Date.parse(`${wallClock(now, zone).slice(0, 10)}T00:00:00Z`)
  return new Date(today - (days - 1) * 86_400_000).toISOString().slice(0, 10)
}

/** MTTA, MTTR and the four measures of DORA over so many days; pure. */
export function measured({ deploys, incidents }: MeasuredRows, scope: MeasureScope): Measures {
  const { days, environment, service, now: to } = scope
  const from = measuredFrom(scope)
  const within = (at: Date) => at >= from && at <= to
  const mine = deploys.filter(
    (one) => one.environment === environment && (service === null || one.service === service) && within(one.endedAt),
  )
  const troubles = incidents.filter((one) => (service === null || one.service === service) && within(one.declaredAt))
  const names = [
    ...new Set([...mine.map((one) => one.service), ...troubles.flatMap((one) => one.service ?? [])]),
  ].sort()
  const all = figuresOf(mine, troubles, days)
  return {
    ...{ from, to, days, environment, service, all },
    byService: names.map((name) => ({
      service: name,
      figures: figuresOf(
        mine.filter((one) => one.service === name),
        troubles.filter((one) => one.service === name),
        days,
      ),
    })),
    series: seriesOf(mine, troubles, scope),
    verdict: verdictOf(all, days, service, environment),
  }
}

const isFailed = ({ wentLive, caused }: MeasuredDeploy) => !wentLive || caused !== null

function figuresOf(deploys: MeasuredDeploy[], incidents: MeasuredIncident[], days: number): Figures {
  const failed = deploys.filter(isFailed).length
  const lead = deploys.flatMap((one) =>
    one.wentLive && one.builtAt ? one.endedAt.getTime() - one.builtAt.getTime() : [],
  )
  const since = (end: (one: MeasuredIncident) => Date | null) =>
    spanOf(
      incidents
        .flatMap((one) => (end(one)?.getTime() ?? Number.NaN) - one.declaredAt.getTime())
        .filter(Number.isFinite),
    )
  return {
    deploys: deploys.length,
    perDay: deploys.length / days,
    failed,
    changeFailure: deploys.length === 0 ? null : failed / deploys.length,
    leadTime: spanOf(lead),
    incidents: incidents.length,
    toAcknowledge: since((one) => one.acknowledgedAt),
    toResolve: since((one) => one.resolvedAt),
  }
}

function spanOf(values: number[]): Span | null {
  if (values.length === 0) return null
  const sorted = [...values].map((value) => Math.max(0, value)).sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return { median, mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length, of: sorted.length }
}

function seriesOf(deploys: MeasuredDeploy[], incidents: MeasuredIncident[], { days, zone, now }: MeasureScope) {
  const dayOf = (at: Date) => wallClock(at, zone).slice(0, 10)
  const first = Date.parse(`${firstDay(days, zone, now)}T00:00:00Z`)
  return Array.from({ length: days }, (_, at) => {
    const day = new Date(first + at * 86_400_000).toISOString().slice(0, 10)
    const then = deploys.filter((one) => dayOf(one.endedAt) === day)
    return {
      day,
      deploys: then.length,
      failed: then.filter(isFailed).length,
      incidents: incidents.filter((one) => dayOf(one.declaredAt) === day).length,
    }
  })
}

function verdictOf(figures: Figures, days: number, service: string | null, environment: string): string {
  const { deploys, failed, changeFailure, leadTime, incidents, toAcknowledge, toResolve } = figures
  const place = service === null ? environment : `${service} in ${environment}`
  const span = `${days} ${days === 1 ? 'day' : 'days'}`
  const parts = [
    `${place}, last ${span}: ${counted(deploys, 'deploy')}${deploys > 0 ? ` (${oftenOf(deploys / days)})` : ''}.`,
    changeFailure === null ? '' : `${failed} of ${deploys} failed or caused an incident (${percent(changeFailure)}).`,
    leadTime ? `From built to live ${shownDuration(leadTime.median)} (median of ${leadTime.of}).` : '',
    `${incidents === 0 ? 'No incidents' : counted(incidents, 'incident')}.`,
    toAcknowledge ? `Acknowledged after ${shownDuration(toAcknowledge.median)} (median of ${toAcknowledge.of}).` : '',
    toResolve ? `Resolved after ${shownDuration(toResolve.median)} (median of ${toResolve.of}).` : '',
  ]
  return parts.filter((part) => part !== '').join(' ')
}

const counted = (count: number, what: string) => `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`
const percent = (share: number) => `${share > 0 && share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`

function oftenOf(perDay: number): string {
  if (perDay >= 1) return `${tidy(perDay)} a day`
  return perDay * 7 >= 1 ? `${tidy(perDay * 7)} a week` : `${tidy(perDay * 30)} in 30 days`
}

const tidy = (value: number) => String(Math.round(value * 10) / 10)

/** What measures are made of, from rows. */
export type MeasureReads = {
  /** `builtAt` is left to whoever knows releases. */
  deploys(environment: string, from: Date, to: Date): Promise<Omit<MeasuredDeploy, 'builtAt'>[]>
  /** No drills and no duplicates. */
  incidents(environment: string, from: Date, to: Date): Promise<MeasuredIncident[]>
}
