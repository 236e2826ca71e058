import { wallClock, zonedMoment } from '../../clock.js'
import { type OnCallSection, type Rota, type RotaLayer, weekdays } from '../../releases/sections/on-call.js'

/** Who is called, first first: the layers in their order, then whoever is next in the first one. */
export type OnCall = {
  people: string[]
  /** Names of those who are on call and cannot be called here: Slack does not know their address. */
  unknown?: string[]
  /** When the first of them changes; null when that is not to be seen. */
  until: Date | null
  /** The rota's name, or PagerDuty. */
  source: string
  /** Called when nobody answers. */
  group: string | null
}

/** Null where no rota stands for the service. */
export function onCallAt(section: OnCallSection, zone: string, service: string | null, now: Date): OnCall | null {
  const name =
    (service !== null && Object.hasOwn(section.services, service) && section.services[service]) || section.default
  const rota = name !== undefined && Object.hasOwn(section.rotas, name) ? section.rotas[name] : undefined
  if (name === undefined || !rota) return null
  const there = section.zone ?? zone
  return {
    people: peopleAt(rota, there, now),
    until: changesAt(rota, there, now),
    source: name,
    group: rota.group ?? null,
  }
}

/** Overrides stand before the first layer; the one that was written last counts. */
export function peopleAt(rota: Rota, zone: string, now: Date): string[] {
  const override = rota.overrides.findLast(({ from, to }) => momentOf(from, zone) <= now && now < momentOf(to, zone))
  const turns = rota.layers.flatMap((layer) => turnOf(layer, zone, now) ?? [])
  const [first] = turns
  const next = first ? first.layer.people[(first.turn + 1) % first.layer.people.length] : undefined
  const inTurn = turns.map(({ layer, turn }) => layer.people[turn])
  return [...new Set([override?.person, ...inTurn, next].flatMap((person) => person ?? []))]
}

type Turn = { layer: RotaLayer; turn: number }

function turnOf(layer: RotaLayer, zone: string, now: Date): Turn | null {
  const started = dayOfTurn(layer, zone, now)
  const days = daysBetween(layer.from, started)
  if (days < 0 || !inHours(layer, zone, now)) return null
  const turns = layer.handover === 'daily' ? days : Math.floor(days / 7)
  return { layer, turn: turns % layer.people.length }
}

/** The calendar day whose hand-over is the last one before `now`: clocks that change move no hand-over. */
function dayOfTurn({ at }: RotaLayer, zone: string, now: Date): string {
  const today = dayIn(now, zone)
  return zonedMoment(today, at, zone) <= now ? today : dayAfter(today, -1)
}

function inHours({ hours }: RotaLayer, zone: string, now: Date): boolean {
  if (!hours) return true
  const today = dayIn(now, zone)
  // Hours over midnight belong to the day on which they began.
  return [dayAfter(today, -1), today].some((day) => {
    if (!hours.days.includes(weekdayOf(day))) return false
    const ends = hours.to > hours.from ? day : dayAfter(day, 1)
    return zonedMoment(day, hours.from, zone) <= now && now < zonedMoment(ends, hours.to, zone)
  })
}

/** How far ahead a change is looked for: hand-overs among as many people as a rota may have. */
const farthest = 60

function changesAt(rota: Rota, zone: string, now: Date): Date | null {
  if (isAlwaysTheSame(rota)) return null
  const first = peopleAt(rota, zone, now)[0]
  let at = now
  for (let look = 0; look < farthest; look += 1) {
    const next = nextBoundary(rota, zone, at)
    if (next === null) return null
    if (peopleAt(rota, zone, next)[0] !== first) return next
    at = next
  }
  return null
}

function isAlwaysTheSame({ layers: [first], overrides }: Rota): boolean {
  return overrides.length === 0 && first !== undefined && !first.hours && new Set(first.people).size === 1
}

/** The next moment at which anything of the rota may change. */
function nextBoundary(rota: Rota, zone: string, now: Date): Date | null {
  const today = dayIn(now, zone)
  const near = Array.from({ length: 9 }, (_, days) => dayAfter(today, days))
  const moments = rota.layers.flatMap(({ at, from, handover, hours }) => [
    zonedMoment(from, at, zone),
    ...near
      .filter((day) => handover === 'daily' || daysBetween(from, day) % 7 === 0)
      .map((day) => zonedMoment(day, at, zone)),
    ...(hours ? near.flatMap((day) => [hours.from, hours.to].map((time) => zonedMoment(day, time, zone))) : []),
  ])
  const overrides = rota.overrides.flatMap(({ from, to }) => [momentOf(from, zone), momentOf(to, zone)])
  const later = [...moments, ...overrides].filter((moment) => moment > now).map((moment) => moment.getTime())
  return later.length === 0 ? null : new Date(Math.min(...later))
}

function momentOf(text: string, zone: string): Date {
  return zonedMoment(text.slice(0, 10), text.slice(11), zone)
}

const dayIn = (at: Date, zone: string) => wallClock(at, zone).slice(0, 10)

// Days of a calendar have no clocks, so they are counted in UTC.
const utc = (day: string) => Date.parse(`${day}T00:00:00Z`)
const daysBetween = (from: string, to: string): number => Math.round((utc(to) - utc(from)) / 86_400_000)
const dayAfter = (day: string, days: number): string =>
  new Date(utc(day) + days * 86_400_000).toISOString().slice(0, 10)
const weekdayOf = (day: string) => weekdays[(new Date(utc(day)).getUTCDay() + 6) % 7] ?? 'monday'
