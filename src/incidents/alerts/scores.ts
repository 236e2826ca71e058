import type { RunId } from '../../runs/run.js'
import type { AlertRecord, OutsideChange } from '../alert.js'
import type { Scene } from '../clues.js'
import type { Suspect } from '../incident.js'

/** A run that changed what serves somewhere. */
export type Shipped = {
  run: RunId
  job: string
  service: string
  environment: string
  version: string | null
  by: string
  /** When its first step began, and when the last had ended; null while it goes on. */
  from: Date
  to: Date | null
  /** It went back by itself: what serves is as before, but no migration ever goes back. */
  undone?: boolean
}

/** What is known of a possible cause, before it is weighed. */
export type Weighed = {
  kind: 'deploy' | 'change' | 'alert'
  service: string | null
  environment: string | null
  at: Date
}

/** Causes are looked for so far back; milliseconds. */
export const lookBack = 2 * 3_600_000
/** Trouble is noticed a little after it began, so what came shortly after may still be its cause. */
const noticed = 2 * 60_000

/** Where nothing else speaks: deploys cause most of what breaks, changes elsewhere some, another alert is rarely the cause. */
const base = { deploy: 0.5, change: 0.42, alert: 0.3 } as const

/**
 * 0 to 1, the one place where causes are weighed:
 *   what      a deploy 0.5, a change from elsewhere 0.42, another alert 0.3
 *   where     the same service and environment +0.25, the same environment and an unknown service +0.05, the same service
 *             somewhere else -0.1, another service in the same environment -0.05, elsewhere or the wrong environment -0.25
 *   when      up to +0.24 the shorter before the first error, fading over two hours; after it was noticed -0.3
 * A deploy to the same place is worth 0.75 to 0.99, anything else at most 0.91 at the same moment; a change has to be more
 * than forty minutes closer than a deploy to come first.
 */
export function score(cause: Weighed, scene: Pick<Scene, 'service' | 'environment' | 'since'>): number {
  const total = base[cause.kind] + where(cause, scene) + when(cause.at, scene.since)
  return Math.round(Math.min(1, Math.max(0, total)) * 1_000) / 1_000
}

function where(cause: Weighed, scene: Pick<Scene, 'service' | 'environment'>): number {
  const sameEnvironment =
    scene.environment === null || cause.environment === null ? null : scene.environment === cause.environment
  const sameService = scene.service === null || cause.service === null ? null : scene.service === cause.service
  if (sameEnvironment === false) return sameService === true ? -0.1 : -0.25
  if (sameService === true) return sameEnvironment === true ? 0.25 : 0.15
  if (sameService === false) return -0.05
  return sameEnvironment === true ? 0.05 : 0
}

function when(at: Date, since: Date): number {
  const before = since.getTime() - at.getTime()
  if (before < -noticed) return -0.3
  const share = Math.max(0, before) / lookBack
  return share > 1 ? 0 : 0.24 * (1 - share)
}

export function deploySuspect(shipped: Shipped, scene: Scene): Suspect {
  const { run, job, service, environment, version, by, undone = false } = shipped
  const what = `${job} #${run} ${service}${version ? ` ${version}` : ''}${undone ? ', undone' : ''}`
  const became = version ? ` became ${version}` : ' was changed'
  const told = undone ? `${became}, which was taken back; what it migrated stays` : became
  const at = momentOf(shipped, scene.since)
  const during = at.getTime() === scene.since.getTime()
  return {
    key: `run:${run}`,
    kind: 'deploy',
    text: `${what}, ${during ? 'while it went on' : sinceWords(at, scene.since)}`,
    evidence: [`${service} in ${environment}${told}, asked by ${by}`],
    score: score({ kind: 'deploy', service, environment, at }, scene),
    at,
    run,
    ...(undone && { undone }),
  }
}

/** Traffic moves while a run goes on, so what broke meanwhile broke at its hands. */
function momentOf({ from, to }: Shipped, since: Date): Date {
  if (to !== null && to <= since) return to
  return from <= since ? since : from
}

export function changeSuspect(change: OutsideChange, scene: Scene): Suspect {
  const { key, source, what, service, environment, by, at, link } = change
  const place = [service, environment].filter((part) => part !== null).join(' in ')
  return {
    key: `change:${source}:${key}`,
    kind: 'change',
    text: `${what}, ${sinceWords(at, scene.since)}`,
    evidence: [
      `told by ${source}${by ? `, done by ${by}` : ''}${place ? `, in ${place}` : ''}`,
      ...(link ? [link] : []),
    ],
    score: score({ kind: 'change', service, environment, at }, scene),
    at,
    run: null,
  }
}

export function alertSuspect(alert: AlertRecord, scene: Scene): Suspect {
  const { source, fingerprint, title, text, service, environment, startedAt, link, notices } = alert
  return {
    key: `alert:${source}:${fingerprint}`,
    kind: 'alert',
    text: `${title} fires, ${sinceWords(startedAt, scene.since)}`,
    evidence: [text, `${notices} ${notices === 1 ? 'notice' : 'notices'} by ${source}`, ...(link ? [link] : [])],
    score: score({ kind: 'alert', service, environment, at: startedAt }, scene),
    at: startedAt,
    run: null,
  }
}

/** "4 min before", "less than a minute after". */
function sinceWords(at: Date, since: Date): string {
  const ms = since.getTime() - at.getTime()
  const minutes = Math.round(Math.abs(ms) / 60_000)
  if (ms === 0) return 'at the same moment'
  return `${minutes === 0 ? 'less than a minute' : `${minutes} min`} ${ms >= 0 ? 'before' : 'after'}`
}
