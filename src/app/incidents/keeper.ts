import { resolveSecret } from '../../config.js'
import { createPublicPage } from '../../http/status-page/public-page.js'
import { createMirroring, type Mirroring } from '../../incidents/paging/mirroring.js'
import { createPager } from '../../incidents/paging/pager.js'
import { createPublisher } from '../../incidents/public/publisher.js'
import { createCustomers } from '../../integrations/customers.js'
import { createGithubIssues } from '../../integrations/github-issues.js'
import type { PagerDuty } from '../../integrations/pagerduty.js'
import { createStatuspage } from '../../integrations/statuspage.js'
import { alertClues } from '../../jobs/alerts/clues.js'
import { createAlertJudge } from '../../jobs/alerts/judge.js'
import { tendAlerts } from '../../jobs/alerts/tending.js'
import { drillScored } from '../../jobs/incidents/drill-scoring.js'
import { fixesFollowed } from '../../jobs/incidents/fixes-following.js'
import { followUpsOpened } from '../../jobs/incidents/follow-up-issues.js'
import { type Chore, keepIncidents } from '../../jobs/incidents/keeping.js'
import { lateStepsReminded } from '../../jobs/incidents/late-steps.js'
import { verdictsProposed } from '../../jobs/incidents/proposing.js'
import { rememberedOnce } from '../../jobs/incidents/remembering.js'
import { suggested } from '../../jobs/incidents/suggesting.js'
import { gateChecks } from '../../releases/watch.js'
import { startFollowing } from '../backups/following.js'
import { backupRounds, startScratchTending } from '../backups/keeper.js'
import type { AppParts, Closing, Ground } from '../parts.js'
import { routineRounds } from '../routines.js'
import { alertParts, nobodyMay } from './alerts.js'
import { guideShelf } from './guides.js'
import { membersByToken, noRotas, onCallAtPagerDuty, pagerDutyOf } from './pagerduty.js'

/** What is looked after apart from single incidents, so often; milliseconds. */
const roundEvery = 5_000

/** Keeps the clock of incidents, of alerts and of what is published, in every worker; one of them at a time does it. */
export async function startKeeper(app: AppParts, ground: Ground, opened: Closing[]): Promise<void> {
  const { store, world } = ground
  const guides = guideShelf(app, world.abilities)
  const { catalogue, clock, log } = app
  const { incidents, signals, leadership, desk: runs } = store
  const stopping = new AbortController()
  const pagerduty = pagerDutyOf(app, membersByToken(app))
  const mirroring = mirroringOf(app, store, pagerduty)
  const rounds = await roundsOf(app, ground)
  startScratchTending(app, ground, opened)
  startFollowing(app, ground, opened)
  const keeping = keepIncidents(
    {
      ...{ catalogue, store: incidents.rows, reads: incidents.reads, runs, signals, leadership, clock, log },
      abilities: world.abilities,
      gateChecks,
      clues: {
        own: alertClues({
          list: incidents.alerts.list,
          alert: incidents.alerts.alert,
          changes: incidents.reads.changes,
          shipped: incidents.shipped.shipped,
        }),
        outside: world.clues,
      },
      chores: [
        ...pagerOf(app, store, mirroring, pagerduty),
        ...mirrorOf(mirroring),
        {
          name: 'guides',
          tend: (view, now) => suggested({ ...incidents, guides }, view, now),
        },
        { name: 'seen before', tend: (view, now) => rememberedOnce(incidents, view, now) },
        {
          name: 'verdicts',
          tend: (view, now) =>
            verdictsProposed({ runs, reads: incidents.reads, settings: catalogue.incidents }, view, now),
        },
        {
          name: 'late steps',
          tend: (view, now) => lateStepsReminded({ runs, reads: incidents.reads }, view, now),
        },
        {
          name: 'drills',
          tend: (view, now) =>
            drillScored({ runs, reads: incidents.reads, rehearsals: incidents.rehearsals }, view, now),
        },
        {
          name: 'fixes',
          tend: (view, now) =>
            fixesFollowed(
              { releases: world.releases, deployments: store.deployments, alerts: incidents.alerts },
              view,
              now,
            ),
        },
        ...afterwards(app, store),
      ],
      rounds,
      roundEvery,
    },
    stopping.signal,
  )
  opened.push(async () => {
    stopping.abort()
    await keeping
  })
}

function pagerOf(
  { catalogue, log }: AppParts,
  { incidents }: Ground['store'],
  mirroring: Mirroring | null,
  pagerduty: PagerDuty | null,
): Chore[] {
  const { onCall } = catalogue
  if (!onCall && !pagerduty) return []
  const pager = createPager({
    section: onCall ?? noRotas,
    byItself: onCall !== null,
    onCallElsewhere: onCallAtPagerDuty(pagerduty, log),
    zone: catalogue.zone,
    settings: catalogue.incidents,
    desk: incidents.pages,
    isCalledElsewhere: async (view) => (await mirroring?.calls(view)) ?? false,
  })
  return [
    {
      name: 'pages',
      tend: async (view, now) => (view.incident.state === 'open' ? { again: await pager.look(view, now) } : {}),
    },
  ]
}

/** What goes on when an incident is over. */
function afterwards({ catalogue, env, log }: AppParts, { incidents }: Ground['store']): Chore[] {
  const settings = catalogue.followUps
  if (!settings) return []
  const tracker = createGithubIssues({ settings, secret: (reference) => resolveSecret(reference, env), log })
  const opening = { tracker, rows: incidents.issues, reads: incidents.reads }
  return [{ name: 'follow-ups', tend: (view, now) => followUpsOpened(opening, view, now) }]
}

const mirrorOf = (mirroring: Mirroring | null): Chore[] =>
  mirroring
    ? [
        {
          name: 'pagerduty',
          tend: async (view, now) => {
            await mirroring.look(view, now)
            return {}
          },
        },
      ]
    : []

function mirroringOf(
  { catalogue }: AppParts,
  { incidents }: Ground['store'],
  pager: PagerDuty | null,
): Mirroring | null {
  if (!pager) return null
  return createMirroring({
    system: 'pagerduty',
    pager,
    mirrors: incidents.mirrors,
    settings: catalogue.incidents,
    covers: pager.covers,
    timeline: incidents.reads.timeline,
    theirs: async (view) => {
      const [alert] = (await incidents.alerts.list({ incident: view.incident.id, limit: 50 })).filter(
        ({ source }) => source === 'pagerduty',
      )
      return typeof alert?.data.incident === 'string' ? alert.data.incident : null
    },
    linkOf: () => null,
  })
}

/** What is due by itself beside single incidents. */
async function roundsOf(app: AppParts, ground: Ground): Promise<(() => Promise<unknown>)[]> {
  const { store } = ground
  const { catalogue, env, clock, log } = app
  const { incidents } = store
  const secret = (reference: string) => resolveSecret(reference, env)
  const section = catalogue.statusPage
  const statuspage = section?.statuspage
    ? createStatuspage({ section: { ...section, statuspage: section.statuspage }, secret, clock, log })
    : null
  const settings = catalogue.customers
  const customers = settings
    ? createCustomers({ settings, components: section?.components ?? [], secret, clock, log })
    : null
  const channels = { 'status page': statuspage, customers }
  const publisher = createPublisher({ deliveries: incidents.deliveries, channels, clock, log })
  const alerts = await alertParts(app, store, nobodyMay)
  const judge = createAlertJudge(alerts)
  const page = section ? createPublicPage({ section, zone: catalogue.zone, rows: incidents.public, clock, log }) : null
  return [
    () => tendAlerts(alerts, judge),
    () => publisher.look(clock.now()),
    ...backupRounds(app, ground, alerts, judge),
    ...routineRounds(app, ground, membersByToken(app)),
    ...(page && section?.folder ? [() => page.write()] : []),
  ]
}
