import type { AlertRecord } from '../../incidents/alert.js'
import { type Around, fixNow, openFixes, watchedFor } from '../../incidents/fixes.js'
import type { Fix, IncidentView, Task } from '../../incidents/incident.js'
import { nameOf } from '../../incidents/incident.js'
import type { AlertDesk, IncidentChange, IncidentPost } from '../../incidents/ports.js'
import { shownDuration } from '../../releases/durations.js'
import type { Deployments, ReleaseSource } from '../../releases/release.js'

export type Following = {
  releases(service: string): ReleaseSource
  deployments: Deployments
  alerts: Pick<AlertDesk, 'list'>
}

/** How often releases, deploys and alerts are looked at for a fix; milliseconds. */
const lookEvery = 60_000
/** Longer nobody waits for a release by the minute. */
const oldAfter = 14 * 86_400_000
const lookRarely = 3_600_000
const mostAlerts = 500
const mostDeployments = 100

/** Fixes that people named are followed to the release that brings them, and for a day after it went live. */
export async function fixesFollowed(
  parts: Following,
  view: IncidentView,
  now: Date,
): Promise<{ change?: IncidentChange; again?: Date }> {
  const { service, environment, state } = view.incident
  const open = openFixes(view.tasks).filter(({ fix }) => fix.back === null)
  if (open.length === 0 || service === null || environment === null || state === 'duplicate') return {}
  const around = await aroundOf(parts, view, { service, environment })
  const looked = open.map((task) => ({ task, next: fixNow(task.fix, around, now) }))
  const news = looked.filter(({ task, next }) => next.ended || !isSame(task.fix, next))
  const told = news.flatMap(({ task, next }) => newsOf(view, task, next, around.alerts.length > 0))
  return {
    ...(news.length > 0 && {
      change: {
        tasks: {
          change: news.map(({ task, next: { ended, ...fix } }) => ({
            id: task.id,
            fix,
            ...(ended && { doneAt: now }),
          })),
        },
        timeline: told.map(({ key, text, at }) => ({ key, kind: 'task' as const, at: at ?? now, by: null, text })),
        posts: told.flatMap(({ post }) => post ?? []),
      },
    }),
    ...nextLook(looked, now),
  }
}

function nextLook(looked: { task: Task; next: Fix & { ended: boolean } }[], now: Date): { again?: Date } {
  const times = looked
    .filter(({ next }) => !next.ended && next.back === null)
    .map(({ task, next }) => {
      const every = next.liveAt === null && now.getTime() - task.createdAt.getTime() > oldAfter ? lookRarely : lookEvery
      const due = next.liveAt ? next.liveAt.getTime() + watchedFor : Number.POSITIVE_INFINITY
      return Math.max(now.getTime() + 1_000, Math.min(now.getTime() + every, due))
    })
  return times.length > 0 ? { again: new Date(Math.min(...times)) } : {}
}

async function aroundOf(
  { releases, deployments, alerts }: Following,
  { incident }: IncidentView,
  { service, environment }: { service: string; environment: string },
): Promise<Around> {
  const [list, history, own] = await Promise.all([
    releases(service).list(service),
    deployments.history(service, environment, mostDeployments),
    alerts.list({ incident: incident.id, limit: 50 }),
  ])
  const known = { releases: list, history, since: incident.declaredAt }
  if (own.length === 0) return { ...known, alerts: [] }
  const marks = new Set(own.map(markOf))
  const since = await alerts.list({ since: incident.declaredAt, limit: mostAlerts })
  return { ...known, alerts: since.filter((alert) => marks.has(markOf(alert))) }
}

const markOf = ({ source, fingerprint }: AlertRecord) => `${source}/${fingerprint}`

const isSame = (a: Fix, b: Fix): boolean =>
  a.version === b.version && a.liveAt?.getTime() === b.liveAt?.getTime() && (a.back === null) === (b.back === null)

type News = { key: string; text: string; at?: Date; post?: IncidentPost[] }

/** `watched`: alerts belong to the incident, so that what it is to end would be seen. */
function newsOf(
  view: IncidentView,
  task: Task & { fix: Fix },
  next: Fix & { ended: boolean },
  watched: boolean,
): News[] {
  const { environment } = view.incident
  const what = next.version && next.version !== task.text ? `${task.text} (${next.version})` : task.text
  const key = `fix:${task.id}`
  if (next.back && next.liveAt) {
    const after = shownDuration(Math.max(1_000, next.back.at.getTime() - next.liveAt.getTime()))
    const text = `${what} did not end it: it came back ${after} after it went live (${next.back.alert}).`
    return [{ key: `${key}:back`, at: next.back.at, text, post: cameBack(view, task, `${key}:back`, text) }]
  }
  if (next.ended) {
    const how = watched
      ? 'it was not seen for a day'
      : 'it has served for a day; no alert belongs to it that would tell'
    return [said(view, `${key}:ended`, `${what} ended it: ${how}.`)]
  }
  if (next.liveAt && next.liveAt.getTime() !== task.fix.liveAt?.getTime())
    return [
      said(
        view,
        `${key}:live:${next.liveAt.getTime()}`,
        `${what} serves ${environment}. It is watched for a day.`,
        next.liveAt,
      ),
    ]
  if (task.fix.liveAt && !next.liveAt)
    return [said(view, `${key}:gone:${task.fix.liveAt.getTime()}`, `${what} does not serve ${environment} any more.`)]
  return [{ key: `${key}:in:${next.version}`, text: `${what} was built; it does not serve ${environment} yet.` }]
}

/** Quiet: in the thread of its card, while there is one. */
function said({ incident }: IncidentView, key: string, text: string, at?: Date): News {
  const post: IncidentPost[] = incident.state === 'archived' ? [] : [{ key, to: { kind: 'thread' }, text }]
  return { key, text, post, ...(at && { at }) }
}

/** Whoever named it is told; the others read it where they are. */
function cameBack({ incident }: IncidentView, { owner }: Task, key: string, text: string): IncidentPost[] {
  const reopen = `To open it again: /incident reopen ${nameOf(incident.id)} because …`
  const words = `${nameOf(incident.id)} ${incident.title}: ${text}\n${reopen}`
  return [
    ...(owner ? [{ key: `${key}:owner`, to: { kind: 'person' as const, person: owner.id }, text: words }] : []),
    ...(incident.state === 'archived' ? [] : [{ key, to: { kind: 'room' as const }, text: `${text}\n${reopen}` }]),
  ]
}
