import { canonical, digestOf, type JsonObject, sortedKeys } from '../json.js'
import type { AuditEntry, LockHolder } from '../runs/ports.js'
import type { Actor, AnswerRecord, RunRecord, RunView, StepRecord } from '../runs/run.js'

/** Columns of a run as they are read, straight from a query or out of JSON. */
export type RunRow = {
  id: number
  team: string
  intent: RunRecord['intent']
  state: RunRecord['state']
  epoch: number
  resources: string[]
  priority: number
  requested_by: Actor
  via: string
  parent: number | null
  plan: RunRecord['plan']
  plan_round: number
  plan_changes: string[]
  reason: RunRecord['reason']
  ahead: number
  stop_requested: { by: Actor; reason: string; at: string } | null
  taken_over: { by: Actor; reason: string; at: string } | null
  restored: { at: string; to: string } | null
  wake_at: Moment | null
  holds_locks: boolean
  locked_by: LockRow | null
  created_at: Moment
  planned_at: Moment | null
  started_at: Moment | null
  ended_at: Moment | null
  calls: number
}
type Moment = Date | string

/** A run's columns with its place in line; alias the table as `r`. */
export const runColumns = `r.*,
  case when r.ended_at is null then shipmate.ahead_of(r.id, r.resources, r.priority) else 0 end as ahead,
  exists (select from shipmate.locks l where l.run = r.id) as holds_locks,
  case when r.state in ('queued', 'waiting') then (select to_jsonb(l) from shipmate.locks l
    where l.resource = any (r.resources) and l.run is null order by l.resource limit 1) end as locked_by`

export function runRecord(row: RunRow): RunRecord {
  const stop = row.stop_requested
  return {
    id: row.id,
    team: row.team,
    intent: row.intent,
    state: row.state,
    epoch: row.epoch,
    resources: row.resources,
    priority: row.priority,
    requestedBy: row.requested_by,
    via: row.via,
    parent: row.parent,
    plan: row.plan,
    planRound: row.plan_round,
    planChanges: row.plan_changes,
    reason: row.reason,
    ahead: row.ahead,
    stopRequested: stop && { ...stop, at: new Date(stop.at) },
    wakeAt: moment(row.wake_at),
    holdsLocks: row.holds_locks,
    lockedBy: row.locked_by && lockHolder(row.locked_by),
    ...(row.taken_over && { takenOver: { ...row.taken_over, at: new Date(row.taken_over.at) } }),
    ...(row.restored && { restored: { at: new Date(row.restored.at), to: new Date(row.restored.to) } }),
    createdAt: new Date(row.created_at),
    plannedAt: moment(row.planned_at),
    startedAt: moment(row.started_at),
    endedAt: moment(row.ended_at),
  }
}

type StepRow = Omit<StepRecord, 'startedAt' | 'endedAt' | 'deadline' | 'wakeAt' | 'taken'> & {
  taken: { by: Actor; at: string } | null
  started_at: Moment | null
  ended_at: Moment | null
  deadline: Moment | null
  wake_at: Moment | null
}

function stepRecord({ started_at, ended_at, deadline, wake_at, ...row }: StepRow): StepRecord {
  const times = { startedAt: moment(started_at), endedAt: moment(ended_at), deadline: moment(deadline) }
  const taken = row.taken && { ...row.taken, at: new Date(row.taken.at) }
  return { ...row, ...times, wakeAt: moment(wake_at), taken }
}

export type AnswerRow = Omit<AnswerRecord, 'at'> & { at: Moment }
export const answerRecord = (row: AnswerRow): AnswerRecord => ({ ...row, at: new Date(row.at) })

/** Runs with all that is drawn on their cards, in one look; a condition on `r` follows. */
export const viewOf = `select ${runColumns},
  coalesce((select jsonb_agg(to_jsonb(s) order by s.position) from shipmate.steps s where s.run = r.id), '[]') as steps,
  coalesce((select jsonb_agg(jsonb_build_object('run', a.run, 'step', a.step, 'round', a.round, 'person', a.person,
    'answer', a.answer, 'reason', a.reason, 'digest', a.digest, 'at', a.at, 'data', a.data) order by a.id)
    from shipmate.answers a where a.run = r.id), '[]') as answers
  from shipmate.runs r`

export const viewQuery = `${viewOf} where r.id = $1`

export type ViewRow = RunRow & { steps: StepRow[]; answers: AnswerRow[] }

export function runView(row: ViewRow): RunView {
  return { run: runRecord(row), steps: row.steps.map(stepRecord), answers: row.answers.map(answerRecord) }
}

export type LockRow = {
  resource: string
  run: number | null
  held_by: Actor
  reason: string
  since: Moment
  expires: Moment | null
}

export const lockHolder = ({ resource, run, held_by, reason, since, expires }: LockRow): LockHolder => ({
  resource,
  run,
  by: held_by,
  reason,
  since: new Date(since),
  expires: moment(expires),
})

function moment(value: Moment | null): Date | null {
  return value === null ? null : new Date(value)
}

/** JSON that jsonb takes: it knows neither NUL nor half of a surrogate pair, and text from outside may hold both. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value)
  return suspect.test(text) ? JSON.stringify(value, (_, item) => (typeof item === 'string' ? clean(item) : item)) : text
}

/** How JSON writes NUL and a lone surrogate; looking for them in the text is far cheaper than looking at every value. */
const suspect = /\\u(0000|d[89a-f])/

function clean(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, '\uFFFD')
}

/** An audit entry as the text that is hashed: ids only, never a name. */
export function auditText({ actor, act, subject }: AuditEntry, at: Date): string {
  const who = actor && { id: actor.id, kind: actor.kind, ...(actor.memberList && { memberList: actor.memberList }) }
  // In canonical order: only the subject has keys to be sorted.
  const entry = { act, actor: who, at: at.toISOString(), subject: sortedKeys(subject) }
  const text = JSON.stringify(entry)
  return suspect.test(text) ? canonical(JSON.parse(toJson(entry))) : text
}

/** People's words stay in rows that can be erased; the trail keeps their hash. */
export const wordsHash = (words: string): JsonObject => (words ? { words: digestOf(words) } : {})
