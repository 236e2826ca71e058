import { breakingGlass } from '../../releases/approvals.js'
import { type Actor, isOfDrill, type RunRecord } from '../../runs/run.js'
import { plural, quote } from '../text.js'

/** What a run is about, in words that are safe to show. */
export type Subject = {
  job: string
  service: string
  environment: string
  from: string | null
  to: string | null
  instances: number | null
  /** What a run about a database is about: "full backup of shop". */
  database: string | null
  /** What a repair does, in the guide's words: "cancel the query of pid 4711". It changes no release. */
  repair: string | null
}

export function subjectOf(run: RunRecord): Subject {
  const headline = run.plan?.headline
  const asked = run.intent.input.version
  const to = headline?.to ?? (typeof asked === 'string' && asked !== '' ? asked : null)
  return {
    job: run.plan?.pinned.merged ? 'unmerge' : run.intent.job,
    service: quote(headline?.service ?? run.intent.service, 40),
    environment: quote(headline?.environment ?? run.intent.environment, 40),
    from: headline?.from ? quote(headline.from, 40) : null,
    to: to ? quote(to, 40) : null,
    instances: instancesOf(run),
    database: databaseOf(run),
    repair: run.intent.job === 'operate' ? quote(String(run.intent.input.title ?? run.intent.input.action), 120) : null,
  }
}

/** The change in a few words: "storefront *v1.8.0* → *prod*". */
export function changeOf({ job, service, environment, to, instances, database }: Subject): string {
  if (database) return `${database} in *${environment}*`
  if (job === 'scale' && instances !== null)
    return `${service} in *${environment}* → *${plural(instances, 'instance')}*`
  if (job === 'rollback') return `${service} back to *${to ?? 'the release before'}* in *${environment}*`
  if (job === 'deploy') return to ? `${service} *${to}* → *${environment}*` : `${service} → *${environment}*`
  if (job === breakingGlass) return `glass broken for ${service} in *${environment}*`
  return `${quote(job, 40)} of ${service} in *${environment}*`
}

/** What a run of a drill carries before its words, wherever it is shown. */
export const drillMark = (run: Pick<RunRecord, 'intent'>): string => (isOfDrill(run) ? '*DRILL* · ' : '')

/** A person's or machine's name; never a mention, because a card calls nobody. */
export const nameOf = (actor: Actor): string => quote(actor.name || actor.id, 40)

/** Without the stars: for titles, confirmations and the plain fallback. */
export const unstarred = (text: string): string => text.replaceAll('*', '')

/** Until it is planned only a full one is certain: others need one to build on. */
function kindOf({ plan, intent: { input } }: RunRecord): string {
  const kind = plan?.pinned.kind ?? (input.kind === 'full' ? input.kind : null)
  return typeof kind === 'string' ? `${quote(kind, 20)} ` : ''
}

function databaseOf(run: RunRecord): string | null {
  const { job, input } = run.intent
  if (typeof input.database !== 'string') return null
  const name = `*${quote(input.database, 40)}*`
  if (job === 'tables') return `rows of ${name}`
  if (run.plan?.pinned.merged) return `merge into ${name}`
  if (job === 'take-back') return `restore of ${name} taken back`
  if (job === 'drill') return `restore drill of ${name}`
  if (job === 'verify') return `reading back all backups of ${name}`
  return `${kindOf(run)}${quote(job, 40)} of ${name}`
}

function instancesOf(run: RunRecord): number | null {
  const asked = run.intent.input.instances
  const planned = run.plan?.result?.instances
  return planned ?? (typeof asked === 'number' ? asked : null)
}
