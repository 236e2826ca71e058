import { parse, unescape as unescaped } from 'node:querystring'
import type { Parcel } from '../../runs/inbox.js'

/** A payload as Slack documents it; what is inside is read with care. */
export type Payload = { [field: string]: unknown }

export type Retry = { num?: number | undefined; reason?: string | undefined }

/** Something Slack sent, read far enough to commit it and to hand it on. */
export type Arrival = { parcel: Parcel; payload: Payload; retry: Retry }

export type ArrivalKind =
  | 'event'
  | 'command'
  | 'action'
  | 'shortcut'
  | 'submission'
  | 'view closed'
  | 'suggestion'
  | 'other'

/** How the text of a payload is written: a form, JSON, or a whole envelope of Socket Mode. */
export type Format = 'form' | 'json' | 'envelope'

type Came = { format: Format; body: string; receivedAt: Date; retry: Retry; fallback: () => string }

/** `fallback` names a payload that Slack gives no name to; it is the same when the same bytes come again. */
export function arrivalOf(payload: Payload, { format, body, receivedAt, retry, fallback }: Came): Arrival {
  const kind = kindOf(payload)
  const key = keyOf(kind, payload, fallback)
  return { parcel: { team: teamOf(payload), key, kind, format, body, answer: null, receivedAt }, payload, retry }
}

/** The payload in a body that was kept; throws when it is not what `format` says. */
export function payloadOf(format: string, body: string): Payload {
  if (format === 'form') return parsedForm(body)
  const parsed = parsedObject(body)
  return format === 'envelope' ? asPayload(parsed.payload) : parsed
}

/** Each field once, as Slack sends it; what is written otherwise goes the slow way. */
export function parsedForm(body: string): Payload {
  const fields: Payload = {}
  for (let from = 0; from < body.length; ) {
    const next = body.indexOf('&', from)
    const to = next < 0 ? body.length : next
    const equals = body.indexOf('=', from)
    const name = body.slice(from, equals)
    if (equals < from || equals > to || !/^\w+$/.test(name) || name in fields) return parse(body)
    fields[name] = plain(body.slice(equals + 1, to))
    from = to + 1
  }
  return fields
}

function plain(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return spaced.includes('%') ? unescaped(spaced) : spaced
}

export const parsedObject = (body: string): Payload => asPayload(JSON.parse(body))

/** Whether this payload's answer is its acknowledgement. */
export const isAnswered = (kind: string): boolean => kind === 'submission' || kind === 'suggestion'

/** Whether Slack sends it again when it was not acknowledged; of all others the person is told that it failed. */
export const isRedelivered = (kind: string): boolean => kind === 'event'

const kinds: { [type: string]: ArrivalKind } = {
  event_callback: 'event',
  block_actions: 'action',
  interactive_message: 'action',
  shortcut: 'shortcut',
  message_action: 'shortcut',
  view_submission: 'submission',
  view_closed: 'view closed',
  block_suggestion: 'suggestion',
}

function kindOf({ type, command }: Payload): ArrivalKind {
  if (typeof type === 'string' && Object.hasOwn(kinds, type)) return kinds[type] ?? 'other'
  return typeof command === 'string' ? 'command' : 'other'
}

function keyOf(kind: ArrivalKind, { event_id, trigger_id }: Payload, fallback: () => string): string {
  const given = kind === 'event' ? event_id : trigger_id
  return `${kind} ${isName(given) ? given : fallback()}`
}

const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w.:-]{1,300}$/.test(value)

function teamOf({ team_id, team, user }: Payload): string {
  const named = team_id ?? asPayload(team).id ?? asPayload(user).team_id
  return isName(named) ? named : ''
}

function asPayload(value: unknown): Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {}
}
