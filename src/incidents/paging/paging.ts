import type { PagingPolicy } from '../../releases/sections/on-call.js'
import type { Actor } from '../../runs/run.js'
import { changed, type Deciding, type Decision, denied, keyed } from '../deciding.js'
import { type IncidentId, type IncidentView, isDrill, nameOf } from '../incident.js'
import type { IncidentPost } from '../ports.js'
import type { SeverityRules } from '../settings.js'
import type { NewEntry } from '../timeline.js'
import type { OnCall } from './rota.js'

/** Whom a page went to; nobody: it was said that there is nobody to be called. */
export type PageTarget = { kind: 'person'; id: string } | { kind: 'group'; id: string } | { kind: 'nobody' }

/** A page that was sent. `call` counts the calls by people, 0 is the one that comes by itself; `turn` its pages. */
export type Page = { call: number; turn: number; step: number; target: PageTarget; at: Date }

/** What is kept of an incident's pages. */
export type PagingRecord = {
  pages: Page[]
  /** Calls by people, in order; `whom` is a person's id. */
  calls: { at: Date; whom: string | null }[]
  /** The last time that somebody said to be there. */
  acknowledgedAt: Date | null
}

/** One page to be sent now, with its message and its line in the timeline. */
export type PageOrder = Page & { post: IncidentPost; entry: NewEntry }

export type PagingDue = {
  send: PageOrder | null
  /** When to look again; null when nothing more is to come by itself. */
  again: Date | null
}

export type PagingScene = {
  rules: Pick<SeverityRules, 'page'>
  policy: PagingPolicy
  onCall: OnCall | null
}

const nothing: PagingDue = { send: null, again: null }

/**
 * What is to be sent now, and when to look again. Pages follow one another by the moment at which the last one was sent:
 * after a long pause one is due, not all that were missed.
 */
export function pagingDue(view: IncidentView, record: PagingRecord, scene: PagingScene, now: Date): PagingDue {
  const { incident } = view
  const call = record.calls.length
  const called = record.calls.at(-1)
  if (incident.state !== 'open' || isDrill(incident) || (!called && !scene.rules.page)) return nothing
  const start = called?.at ?? incident.declaredAt
  if (isAnswered(view, record, start)) return nothing
  const sent = record.pages.filter((page) => page.call === call).sort((a, b) => a.turn - b.turn)
  const last = sent.at(-1)
  const steps = stepsOf(scene, called?.whom ?? null)
  const next = nextStep(steps, last, scene.policy.again)
  const dueAt = new Date((last?.at ?? start).getTime() + next.pause)
  if (dueAt > now) return { send: null, again: dueAt }
  const page: Page = { call, turn: (last?.turn ?? 0) + 1, step: next.step, target: next.target, at: now }
  const following = nextStep(steps, page, scene.policy.again)
  return { send: orderOf(view, page, scene), again: new Date(now.getTime() + following.pause) }
}

/** Somebody is there: the button was pressed, or a role was taken. */
function isAnswered({ incident }: IncidentView, record: PagingRecord, since: Date): boolean {
  const moments = [incident.acknowledgedAt, record.acknowledgedAt, ...incident.roles.map((role) => role.since)]
  return moments.some((at) => at !== null && at >= since)
}

/** `after`: milliseconds since the page before it. */
type Step = { target: PageTarget | null; after: number }

/** A person who was called by name comes first, then whoever the policy says. */
function stepsOf({ policy, onCall }: PagingScene, whom: string | null): Step[] {
  const steps = policy.steps.map(({ to, group, after }): Step => {
    if (to === 'group') return { target: groupOf(group ?? onCall?.group ?? null), after }
    return { target: personOf(to === 'on call' ? onCall?.people[0] : onCall?.people[1]), after }
  })
  if (whom === null) return steps
  const [first, ...rest] = steps
  const wait = policy.steps[1]?.after || policy.again
  return [{ target: personOf(whom), after: 0 }, ...(first ? [{ ...first, after: wait }] : []), ...rest]
}

const groupOf = (id: string | null): PageTarget | null => (id === null ? null : { kind: 'group', id })
const personOf = (id: string | undefined): PageTarget | null => (id === undefined ? null : { kind: 'person', id })

/** A step that calls nobody is passed over; a round without anybody says so once, and again each round. */
function nextStep(steps: Step[], last: Page | undefined, again: number) {
  const before = last ? last.step : -1
  for (let offset = 1; offset <= steps.length; offset += 1) {
    const at = (before + offset) % steps.length
    const step = steps[at]
    if (!step?.target) continue
    const inRound = last ? step.after : (steps[0]?.after ?? 0)
    return { step: at, target: step.target, pause: at > before ? inRound : again }
  }
  const target: PageTarget = { kind: 'nobody' }
  return { step: steps.length - 1, target, pause: last ? again : 0 }
}

function orderOf(view: IncidentView, page: Page, { onCall }: PagingScene): PageOrder {
  const { id } = view.incident
  const key = `page:${page.call}:${page.turn}`
  const { target, turn } = page
  const said = wordsOf(view, page, onCall)
  const drawing = { name: 'page', data: { incident: id, target, turn, private: view.incident.private } }
  return {
    ...page,
    post: { key, to: addressee(page), text: said.post, drawing },
    entry: { key, kind: 'page', at: page.at, by: null, text: said.entry, data: { target, turn } },
  }
}

/** Only the first calls may stand in the channel itself. */
function addressee({ target, turn }: Page): IncidentPost['to'] {
  if (target.kind === 'person') return { kind: 'person', person: target.id }
  return { kind: turn > 3 ? 'thread' : 'room' }
}

function wordsOf({ incident }: IncidentView, { target, turn }: Page, onCall: OnCall | null) {
  const named = `${nameOf(incident.id)} (${incident.severity})`
  const what = incident.private ? 'a private incident' : incident.title
  const yet = turn > 1 ? 'Nobody has answered yet. ' : ''
  if (target.kind === 'person')
    return {
      post: `${yet}You are called for ${named}: ${what}. Acknowledge it, or the next one is called.`,
      entry: `Called ${target.id}${onCall?.people.includes(target.id) ? ` (${onCall.source})` : ''}.${missed(onCall)}`,
    }
  if (target.kind === 'group')
    return {
      post: `${yet}@${target.id} is called for ${named}. Who takes it?`,
      entry: `Called the group ${target.id}.`,
    }
  const whose = incident.service ? ` for ${incident.service}` : ''
  const text = `Nobody can be called for ${named}: nobody ${onCall?.unknown?.length ? 'who can be called here ' : ''}is on call${whose}, and no group is named.${missed(onCall)}`
  return { post: text, entry: text }
}

/** Who is on call and cannot be called here. */
const missed = (onCall: OnCall | null): string =>
  onCall?.unknown?.length
    ? ` ${onCall.source} names ${onCall.unknown.join(', ')}, whose address Slack does not know.`
    : ''

/** The key that every acknowledgement in the timeline begins with, and every call by a person. */
export const acknowledgedPrefix = 'acknowledged:'
export const callPrefix = 'call:'

/** Somebody says to be there; pages stop. */
export function acknowledge(deciding: Deciding): Decision {
  const { view, by, now } = deciding
  const { incident } = view
  if (incident.state !== 'open')
    return { kind: 'so already', text: `${nameOf(incident.id)} is ${incident.state}; nobody is called.` }
  const text = `${by.name} is there.`
  const key = keyed('acknowledged', deciding)
  return changed(`You are there for ${nameOf(incident.id)}. Nobody else is called.`, {
    set: { ...(incident.acknowledgedAt ? {} : { acknowledgedAt: now }), wakeAt: now },
    timeline: [{ key, kind: 'page', at: now, by, text }],
    posts: [{ key, to: { kind: 'thread' }, text }],
    audit: [{ actor: by, act: 'acknowledged', subject: { incident: incident.id } }],
  })
}

/** Whoever is on duty is called now, or one person by name; anew, also when somebody had answered before. */
export function callNow(deciding: Deciding, whom: Actor | null): Decision {
  const { view, by, now } = deciding
  const { incident } = view
  const name: string = nameOf(incident.id)
  if (incident.state !== 'open')
    return denied(
      'call-over',
      'Nobody was called.',
      `${name} is ${incident.state}.`,
      'Reopen it first: /incident reopen',
    )
  if (isDrill(incident))
    return denied(
      'drill-calls-nobody',
      'Nobody was called.',
      `${name} is a drill.`,
      'Ask people to take part in a message of your own.',
    )
  const text = `${by.name} calls ${whom ? whom.name : 'whoever is on call'}.`
  const key = keyed(callPrefix.slice(0, -1), deciding)
  return changed(`Calling ${whom ? whom.name : 'whoever is on call'} for ${name}.`, {
    set: { wakeAt: now },
    timeline: [{ key, kind: 'page', at: now, by, text, data: { whom: whom?.id ?? null } }],
    audit: [{ actor: by, act: 'called', subject: { whom: whom?.id ?? null } }],
  })
}

/** Pages as rows. */
export type PageDesk = {
  record(incident: IncidentId): Promise<PagingRecord>
  /** Page, message and timeline in one; false, with nothing written, when the incident moved on or the page was sent. */
  send(incident: IncidentId, version: number, page: PageOrder): Promise<boolean>
}
