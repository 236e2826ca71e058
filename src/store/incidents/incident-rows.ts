import type { Fix, IncidentRecord, IncidentView, Task } from '../../incidents/incident.js'
import type { TimelineEntry } from '../../incidents/timeline.js'
import type { Actor } from '../../runs/run.js'

type Moment = Date | string

/** An incident's columns as they are read, straight from a query or out of JSON. */
export type IncidentRow = Pick<
  IncidentRecord,
  'id' | 'team' | 'title' | 'service' | 'environment' | 'severity' | 'proposal' | 'private' | 'state' | 'source' | 'via'
> & {
  declared_by: Actor
  roles: { role: string; person: Actor | null; since: string | null }[]
  impact: (Omit<NonNullable<IncidentRecord['impact']>, 'since'> & { since: string | null }) | null
  room: IncidentRecord['room']
  guide: number | null
  duplicate_of: number | null
  next_update: Moment | null
  wake_at: Moment | null
  declared_at: Moment
  acknowledged_at: Moment | null
  resolved_at: Moment | null
  archived_at: Moment | null
  version: number
}

export function incidentRecord(row: IncidentRow): IncidentRecord {
  const { id, team, title, service, environment, severity, proposal, state, source, via, room, guide, version } = row
  return {
    ...{ id, team, title, service, environment, severity, proposal, state, source, via, room, guide, version },
    private: row.private,
    declaredBy: row.declared_by,
    roles: row.roles.map((role) => ({ ...role, since: moment(role.since) })),
    impact: row.impact && { ...row.impact, since: moment(row.impact.since) },
    duplicateOf: row.duplicate_of,
    nextUpdate: moment(row.next_update),
    wakeAt: moment(row.wake_at),
    declaredAt: new Date(row.declared_at),
    acknowledgedAt: moment(row.acknowledged_at),
    resolvedAt: moment(row.resolved_at),
    archivedAt: moment(row.archived_at),
  }
}

type Dated<T, Keys extends keyof T> = Omit<T, Keys> & { [key in Keys]: string }

type FixRow = Pick<Fix, 'ref' | 'version'> & { liveAt: string | null; back: { at: string; alert: string } | null }

export type IncidentViewRow = IncidentRow & {
  suspects: Dated<IncidentView['suspects'][number], 'at'>[]
  gate: (Omit<IncidentView['gate'][number], 'at' | 'greenSince'> & { at: string; greenSince: string | null })[]
  runs: IncidentView['runs']
  tasks: {
    id: number
    kind: Task['kind']
    text: string
    owner: Actor | null
    created_at: string
    done_at: string | null
    link: string | null
    fix: FixRow | null
  }[]
  updates: {
    id: number
    text: string
    phase: IncidentView['updates'][number]['phase']
    audience: IncidentView['updates'][number]['audience']
    drafted_by: Actor
    drafted_at: string
    published_by: Actor | null
    published_at: string | null
  }[]
  alerts_all: number
  alerts_firing: number
}

/** Incidents with all that is drawn on their cards, in one look; a condition on `i` follows. */
export const viewOfIncident = `select i.*,
  coalesce((select jsonb_agg(jsonb_build_object('run', r.run, 'part', r.part) order by r.run)
    from shipmate.incident_runs r where r.incident = i.id), '[]') as runs,
  coalesce((select jsonb_agg(to_jsonb(t) order by t.id) from shipmate.incident_tasks t where t.incident = i.id), '[]') as tasks,
  coalesce((select jsonb_agg(to_jsonb(u) order by u.id) from shipmate.incident_updates u where u.incident = i.id), '[]')
    as updates,
  (select count(*)::int from shipmate.alerts a where a.incident = i.id) as alerts_all,
  (select count(*)::int from shipmate.alerts a where a.incident = i.id and a.ended_at is null) as alerts_firing
  from shipmate.incidents i`

export function incidentView(row: IncidentViewRow): IncidentView {
  return {
    incident: incidentRecord(row),
    suspects: row.suspects.map((suspect) => ({ ...suspect, at: moment(suspect.at) })),
    gate: row.gate.map((line) => ({ ...line, at: new Date(line.at), greenSince: moment(line.greenSince) })),
    runs: row.runs,
    tasks: row.tasks.map(({ id, kind, text, owner, link, fix, created_at, done_at }) => ({
      ...{ id, kind, text, owner, link, fix: fix && fixOf(fix) },
      createdAt: new Date(created_at),
      doneAt: moment(done_at),
    })),
    updates: row.updates.map((update) => ({
      ...{ id: update.id, text: update.text, phase: update.phase, audience: update.audience },
      draftedBy: update.drafted_by,
      draftedAt: new Date(update.drafted_at),
      publishedBy: update.published_by,
      publishedAt: moment(update.published_at),
    })),
    alerts: { all: row.alerts_all, firing: row.alerts_firing },
  }
}

const fixOf = ({ liveAt, back, ...fix }: FixRow): Fix => ({
  ...fix,
  liveAt: moment(liveAt),
  back: back && { ...back, at: new Date(back.at) },
})

export type TimelineRow = Pick<TimelineEntry, 'incident' | 'position' | 'key' | 'kind' | 'text' | 'by' | 'data'> & {
  at: Moment
}

export const timelineEntry = (row: TimelineRow): TimelineEntry => ({ ...row, at: new Date(row.at) })

const moment = (value: Moment | null): Date | null => (value === null ? null : new Date(value))
