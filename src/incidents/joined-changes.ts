import type { GateLine, IncidentView, Suspect } from './incident.js'
import type { IncidentChange } from './ports.js'

/** Several changes made on one view as one; of two clocks the sooner counts, of other values the later change's. */
export function joinedChanges(changes: (IncidentChange | null)[]): IncidentChange {
  return changes.reduce<IncidentChange>((all, one) => (one ? joined(all, one) : all), {})
}

function joined(all: IncidentChange, one: IncidentChange): IncidentChange {
  const wakes = [all.set?.wakeAt, one.set?.wakeAt].flatMap((at) => (at ? [at.getTime()] : []))
  const set = { ...all.set, ...one.set, ...(wakes.length > 0 && { wakeAt: new Date(Math.min(...wakes)) }) }
  return {
    ...all,
    ...one,
    ...(all.set || one.set ? { set } : {}),
    ...tasks(all, one),
    ...list('runs', all, one),
    ...list('timeline', all, one),
    ...list('posts', all, one),
    ...list('audit', all, one),
  }
}

type Lists = 'runs' | 'timeline' | 'posts' | 'audit'

const list = (name: Lists, all: IncidentChange, one: IncidentChange): Partial<IncidentChange> =>
  all[name] || one[name] ? { [name]: [...(all[name] ?? []), ...(one[name] ?? [])] } : {}

function tasks({ tasks: all }: IncidentChange, { tasks: one }: IncidentChange): Pick<IncidentChange, 'tasks'> {
  if (!all || !one) return {}
  const [add, change] = [
    [...(all.add ?? []), ...(one.add ?? [])],
    [...(all.change ?? []), ...(one.change ?? [])],
  ]
  return { tasks: { ...(add.length > 0 && { add }), ...(change.length > 0 && { change }) } }
}

/** A gate's figures are drawn anew after so long although nothing turned. */
const figuresLast = 5 * 60_000

/** Keys of what stands in an incident's timeline, and of what was said of it or is about to be. */
export type Known = { entries: ReadonlySet<string>; posts: ReadonlySet<string> }

/** The change without what is so already: a look that found nothing new moves no card. */
export function whatIsNew(change: IncidentChange, view: IncidentView, known: Known): IncidentChange {
  const { gate, suspects, timeline, posts, runs, set, ...rest } = change
  const entries = timeline?.filter(({ key }) => !known.entries.has(key)) ?? []
  const said = posts?.filter(({ key }) => !known.posts.has(key)) ?? []
  // Two looks may find the same run, each for a reason of its own; a row has one.
  const added = (runs ?? []).filter(
    ({ run }, at, all) => !view.runs.some((one) => one.run === run) && all.findIndex((one) => one.run === run) === at,
  )
  return {
    ...rest,
    ...(gate && !sameGate(view.gate, gate) && { gate }),
    ...(suspects && !sameSuspects(view.suspects, suspects) && { suspects }),
    ...(entries.length > 0 && { timeline: entries }),
    ...(said.length > 0 && { posts: said }),
    ...(added.length > 0 && { runs: added }),
    ...(set && { set: newSet(set, view) }),
  }
}

function newSet(
  set: NonNullable<IncidentChange['set']>,
  { incident }: IncidentView,
): NonNullable<IncidentChange['set']> {
  const { impact, ...others } = set
  return impact && impact.text !== incident.impact?.text ? set : others
}

/** Whether it only says when the clock rings next. */
export function isNothing({ set, ...rest }: IncidentChange): boolean {
  const said = Object.values(rest).some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined))
  return !said && Object.keys(set ?? {}).every((name) => name === 'wakeAt')
}

function sameGate(before: GateLine[], now: GateLine[]): boolean {
  const same = (one: GateLine, other: GateLine | undefined) =>
    one.key === other?.key &&
    one.outcome === other.outcome &&
    one.greenSince?.getTime() === other.greenSince?.getTime() &&
    one.at.getTime() - other.at.getTime() < figuresLast
  return before.length === now.length && now.every((one, at) => same(one, before[at]))
}

const sameSuspects = (before: Suspect[], now: Suspect[]): boolean =>
  before.length === now.length && now.every(({ key, text }, at) => key === before[at]?.key && text === before[at]?.text)
