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
/** A release that has not come by then is waited for no longer. */
const givenUpAfter = 90 * 86_400_000
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
  const given = looked.filter(({ task, next }) => isGivenUp(task, next, now)).map(({ task }) => givenUp(view, task))
  const told = [...news.flatMap(({ task, next }) => newsOf(view, task, next, around.alerts.length > 0)), ...given]
  return {
    ...(told.length > 0 && {
      change: {
        ...(news.length > 0 && { tasks: { change: news.map(({ task, next }) => followedOn(task, next, now)) } }),
        timeline: told.map(({ key, text, at }) => ({ key, kind: 'task' as const, at: at ?? now, by: null, text })),
        posts: told.flatMap(({ post }) => post ?? []),
      },
    }),
    ...nextLook(looked, now),
  }
}

const followedOn = ({ id }: Task, { ended, ...fix }: Fix & { ended: boolean }, now: Date) => ({
  ...{ id, fix },
  ...(ended && { doneAt: now }),
})

function nextLook(looked: { task: Task; next: Fix & { ended: boolean } }[], now: Date): { again?: Date } {
  const times = looked
    .filter(({ task, next }) => !next.ended && next.back === null && !isGivenUp(task, next, now))
    .map(({ task, next }) => {
      const every = next.liveAt === null && now.getTime() - task.createdAt.getTime() > oldAfter ? lookRarely : lookEvery
      const due = next.liveAt ? next.liveAt.getTime() + watchedFor : Number.POSITIVE_INFINITY
      return Math.max(now.getTime() + 1_000, Math.min(now.getTime() + every, due))
    })
  return times.length > 0 ? { again: new Date(Math.min(...times)) } : {}
}

const isGivenUp = ({ createdAt }: Task, { liveAt }: Fix, now: Date): boolean =>
  liveAt === null && now.getTime() - createdAt.getTime() >= givenUpAfter

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
  const marks = [...new Set(own.map(markOf))]
  return { ...known, alerts: await alerts.list({ since: incident.declaredAt, marks, limit: mostAlerts }) }
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

/** Told once, to whoever named it too: nothing looks for it from then on. */
function givenUp({ incident }: IncidentView, task: Task): News {
  const key = `fix:${task.id}:given-up`
  const text = `${task.text} did not go live within 90 days; it is waited for no longer.`
  return { key, text, post: toOwner(incident, task, key, `${nameOf(incident.id)}: ${text}`) }
}

/** What is private is told in its own channel alone: whoever named a fix may be no part of it. */
const toOwner = (incident: IncidentView['incident'], { owner }: Task, key: string, text: string): IncidentPost[] =>
  owner && !incident.private ? [{ key: `${key}:owner`, to: { kind: 'person', person: owner.id }, text }] : []

/** Quiet: in the thread of its card, while there is one. */
function said({ incident }: IncidentView, key: string, text: string, at?: Date): News {
  const post: IncidentPost[] = incident.state === 'archived' ? [] : [{ key, to: { kind: 'thread' }, text }]
  return { key, text, post, ...(at && { at }) }
}

/** Whoever named it is told; the others read it where they are. */
function cameBack({ incident }: IncidentView, task: Task, key: string, text: string): IncidentPost[] {
  const reopen = `To open it again: /incident reopen ${nameOf(incident.id)} because …`
  const words = `${nameOf(incident.id)} ${incident.title}: ${text}\n${reopen}`
  return [
    ...toOwner(incident, task, key, words),
    ...(incident.state === 'archived' ? [] : [{ key, to: { kind: 'room' as const }, text: `${text}\n${reopen}` }]),
  ]
}
