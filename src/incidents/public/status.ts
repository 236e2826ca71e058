import { wallClock } from '../../clock.js'
import type { StatusPageSection } from '../../releases/sections/outside.js'
import type { IncidentRecord, Severity, Update } from '../incident.js'

export type ComponentState = 'works' | 'slow' | 'partly down' | 'down'

/** An incident as far as the public may know it: what was published of it, never its own title. */
export type PublicIncident = Pick<
  IncidentRecord,
  'id' | 'service' | 'environment' | 'severity' | 'state' | 'declaredAt' | 'resolvedAt'
> & { updates: (Pick<Update, 'id' | 'text' | 'phase'> & { publishedAt: Date })[] }

/** What the public page is drawn from. */
export type PublicRows = {
  /** Not private, with at least one update published for the status page, not over before `since`; newest first. */
  incidents(since: Date): Promise<PublicIncident[]>
}

export type StatusPage = {
  title: string
  address: string
  zone: string
  /** One sentence about now. */
  headline: string
  state: ComponentState
  components: {
    name: string
    state: ComponentState
    days: { day: string; state: ComponentState }[]
    troubled: number
  }[]
  open: Told[]
  /** Over, newest first. */
  past: Told[]
  /** Of the last update; null when there is none. */
  changedAt: Date | null
}

export type Told = {
  id: number
  heading: string
  components: string[]
  state: ComponentState
  since: Date
  until: Date | null
  /** Newest first. */
  updates: PublicIncident['updates']
}

export const historyDays = 90
export const historySince = (now: Date): Date => new Date(now.getTime() - historyDays * 86_400_000)

type Component = StatusPageSection['components'][number]

/** The page as it is now; pure. An incident of which nothing was published does not show at all: a person decides that. */
export function statusOf(
  section: StatusPageSection,
  zone: string,
  incidents: readonly PublicIncident[],
  now: Date,
): StatusPage {
  const published = incidents.filter(({ updates }) => updates.length > 0)
  const open = published.filter(isOpen)
  const days = lastDays(now, zone)
  const components = section.components.map((component) => {
    const mine = published.filter((incident) => concerns(incident, component))
    const perDay = days.map((day) => ({ day, state: worst(mine.filter(on(day, zone, now)).map(worstOf)) }))
    return {
      name: component.name,
      state: worst(mine.filter(isOpen).map(stateNow)),
      days: perDay,
      troubled: perDay.filter(({ state }) => state !== 'works').length,
    }
  })
  const state = worst([...components.map((one) => one.state), ...open.map(stateNow)])
  const newest = published.flatMap(({ updates }) => updates.map(({ publishedAt }) => publishedAt.getTime()))
  return {
    ...{ title: section.title, address: section.address, zone, state, components },
    headline: headlineOf(
      components.filter((one) => one.state !== 'works').map(({ name }) => name),
      state,
    ),
    open: open.map(told(section)),
    past: published.filter((incident) => !isOpen(incident)).map(told(section)),
    changedAt: newest.length > 0 ? new Date(Math.max(...newest)) : null,
  }
}

/** What an update of a phase says about the part it is about. */
export function stateOf(severity: Severity, phase: Update['phase']): ComponentState {
  if (phase === 'resolved') return 'works'
  const state = bySeverity[severity]
  return phase === 'monitoring' && state !== 'works' ? 'slow' : state
}

/** What the public calls it: the internal title was not written for them. */
export function headingOf(components: readonly { name: string }[], severity: Severity): string {
  const what = shownStates[bySeverity[severity]]
  const names = components.map(({ name }) => name).join(', ')
  return names === '' ? `${what[0]?.toUpperCase()}${what.slice(1)}` : `${names}: ${what}`
}

const bySeverity: { [severity in Severity]: ComponentState } = {
  SEV1: 'down',
  SEV2: 'partly down',
  SEV3: 'slow',
  SEV4: 'works',
}

export const shownStates: { [state in ComponentState]: string } = {
  works: 'works',
  slow: 'works worse than usual',
  'partly down': 'partly down',
  down: 'down',
}

const order: ComponentState[] = ['works', 'slow', 'partly down', 'down']
const worst = (states: ComponentState[]): ComponentState =>
  states.reduce((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'works')

const newestFirst = ({ updates }: PublicIncident) =>
  [...updates].sort((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime() || b.id - a.id)

/** The public was told that it is over, or it is over and nobody said so. */
function isOpen(incident: PublicIncident): boolean {
  return incident.state === 'open' && newestFirst(incident)[0]?.phase !== 'resolved'
}

const stateNow = (incident: PublicIncident) =>
  stateOf(incident.severity, newestFirst(incident)[0]?.phase ?? 'investigating')
const worstOf = ({ severity }: PublicIncident) => bySeverity[severity]

const concerns = (incident: PublicIncident, { service, environment }: Component) =>
  incident.service === service && (incident.environment === null || incident.environment === environment)

function endOf(incident: PublicIncident): Date | null {
  if (isOpen(incident)) return null
  const [last] = newestFirst(incident)
  return last?.phase === 'resolved' ? last.publishedAt : (incident.resolvedAt ?? last?.publishedAt ?? null)
}

const dayOf = (at: Date, zone: string) => wallClock(at, zone).slice(0, 10)

function lastDays(now: Date, zone: string): string[] {
  const today = Date.parse(`${dayOf(now, zone)}T00:00:00Z`)
  return Array.from({ length: historyDays }, (_, at) =>
    new Date(today - (historyDays - 1 - at) * 86_400_000).toISOString().slice(0, 10),
  )
}

const on = (day: string, zone: string, now: Date) => (incident: PublicIncident) =>
  dayOf(incident.declaredAt, zone) <= day && day <= dayOf(endOf(incident) ?? now, zone)

const told =
  (section: StatusPageSection) =>
  (incident: PublicIncident): Told => {
    const affected = section.components.filter((component) => concerns(incident, component))
    return {
      id: incident.id,
      heading: headingOf(affected, incident.severity),
      components: affected.map(({ name }) => name),
      state: isOpen(incident) ? stateNow(incident) : 'works',
      since: incident.declaredAt,
      until: endOf(incident),
      updates: newestFirst(incident),
    }
  }

function headlineOf(names: string[], state: ComponentState): string {
  if (state === 'works') return 'Everything works.'
  if (names.length === 0) return `Something is ${state === 'slow' ? 'worse than usual' : state}.`
  const all = names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  if (state === 'slow') return `${all} ${names.length === 1 ? 'works' : 'work'} worse than usual.`
  return names.length === 1 ? `${all} is ${state}.` : `There is trouble with ${all}.`
}
