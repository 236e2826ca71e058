import type { Clock } from '../../clock.js'
import type { OnCallLine } from '../../commands/reply.js'
import { type IncidentView, nameOf } from '../../incidents/incident.js'
import { measured, measuredFrom } from '../../incidents/measures/measures.js'
import { callNow } from '../../incidents/paging/paging.js'
import { type OnCall, onCallAt } from '../../incidents/paging/rota.js'
import { recoveryRecordOf } from '../../incidents/review/recovery.js'
import { findingsOf, reviewOf } from '../../incidents/review/review.js'
import { actOnAlert } from '../../jobs/alerts/acts.js'
import type { DeskParts } from '../../jobs/desk/parts.js'
import {
  decided,
  type GuideShelf,
  type IncidentDeskParts,
  type IncidentPorts,
  mayNot,
} from '../../jobs/incidents/parts.js'
import { solvedLike } from '../../jobs/incidents/remembering.js'
import { digestOf } from '../../json.js'
import type { Catalogue } from '../../releases/catalogue.js'
import type { RunView } from '../../runs/run.js'
import type { Store } from '../../store/connect.js'
import type { Grounds } from '../parts.js'
import { alertParts } from './alerts.js'
import { type MemberOf, onCallAtPagerDuty, pagerDutyOf } from './pagerduty.js'

/** What the desk needs for incidents, joined from the store and the operator's file. */
export async function incidentPorts(
  app: Grounds,
  store: Store,
  guides: GuideShelf,
  parts: () => IncidentDeskParts,
  memberOf: MemberOf = async () => null,
): Promise<IncidentPorts> {
  const { incidents } = store
  const elsewhere = onCallAtPagerDuty(pagerDutyOf(app, memberOf), app.log)
  const alerts = await alertParts(app, store, (asker, right) => mayNot(parts(), right, asker))
  return {
    store: incidents.rows,
    reads: incidents.reads,
    guides,
    alerts: { act: async (act, asker) => (await actOnAlert(alerts, act, asker)).reply },
    pages: {
      page: async (view, whom, asker) => {
        const person = whom === null ? null : await parts().directory.standing(whom)
        const actor = person && { kind: 'person' as const, id: person.id, name: person.name }
        return decided(parts(), view.incident.id, asker, (deciding) => callNow(deciding, actor))
      },
      onDuty: async () => ({ kind: 'on call', lines: await onDuty(app.catalogue, app.clock.now(), elsewhere) }),
    },
    papers: {
      review: async (view) => {
        const { name, markdown } = await writtenReview(app, store, view)
        return { name, markdown }
      },
      record: async (view) => ({
        name: `${nameOf(view.incident.id).toLowerCase()}-recovery.md`,
        markdown: recoveryRecordOf({ view, runs: await runsOf(store, view), zone: app.catalogue.zone }),
      }),
      metrics: async (days) => ({ kind: 'metrics', measures: await measures(app, store, parts(), days) }),
      rehearsed: incidents.rehearsals.of,
      solved: (words) => solvedLike(incidents.solved, words, app.clock.now()),
    },
  }
}

/** The review from rows as they are now; `digest` is the same for the same findings. */
export async function writtenReview(
  { catalogue, clock }: { catalogue: Pick<Catalogue, 'zone'>; clock: Clock },
  { incidents, desk }: Pick<Store, 'incidents' | 'desk'>,
  view: IncidentView,
) {
  const { id } = view.incident
  const timeline = await incidents.reads.timeline(id)
  const runs = await runsOf({ desk }, view)
  const alerts = await incidents.alerts.list({ incident: id, limit: 500 })
  const scene = { view, timeline, runs, alerts, zone: catalogue.zone, now: clock.now() }
  const name = `${nameOf(id).toLowerCase()}-review.md`
  return { name, markdown: reviewOf(scene), digest: digestOf(findingsOf(scene)) }
}

async function runsOf({ desk }: Pick<Store, 'desk'>, { runs }: IncidentView): Promise<RunView[]> {
  const found = await Promise.all(runs.map(({ run }) => desk.view(run)))
  return found.filter((run) => run !== null)
}

/** Every service with the people on duty for it, and everybody else's at the end. */
async function onDuty(
  { onCall, services, zone }: Catalogue,
  now: Date,
  elsewhere: (service: string | null) => Promise<OnCall | null>,
): Promise<OnCallLine[]> {
  const line = async (service: string | null): Promise<OnCallLine[]> => {
    const found = (await elsewhere(service)) ?? (onCall && onCallAt(onCall, zone, service, now))
    if (!found) return []
    const { people, unknown, until, source } = found
    return [{ service, people, until, source, ...(unknown?.length && { unknown }) }]
  }
  return (await Promise.all([...Object.keys(services), null].map(line))).flat()
}

async function measures({ catalogue, clock }: Grounds, { incidents }: Store, { sources }: DeskParts, days: number) {
  const now = clock.now()
  const { zone, environments } = catalogue
  const environment =
    ['prod', 'production'].find((name) => Object.hasOwn(environments, name)) ?? Object.keys(environments)[0] ?? ''
  const from = measuredFrom({ days, zone, now })
  const [shipped, troubles] = await Promise.all([
    incidents.measures.deploys(environment, from, now),
    incidents.measures.incidents(environment, from, now),
  ])
  const deploys = await Promise.all(
    shipped.map(async (one) => ({
      ...one,
      builtAt: one.version === null ? null : await builtAt(sources, one.service, one.version),
    })),
  )
  return measured({ deploys, incidents: troubles }, { days, environment, service: null, zone, now })
}

async function builtAt(sources: DeskParts['sources'], service: string, version: string): Promise<Date | null> {
  try {
    return (await sources(service).find(service, version))?.builtAt ?? null
  } catch {
    // A service that is gone from the file built what it built; nobody knows when any more.
    return null
  }
}
