import { failed } from '../errors.js'
import { announceInstance } from '../http/announcement.js'
import { createHttpFace } from '../http/face.js'
import type { Health } from '../http/health.js'
import type { DeadMan } from '../integrations/dead-man.js'
import { createAwayDirectory } from '../jobs/desk/away.js'
import { createDesk } from '../jobs/desk.js'
import { type IncidentDeskParts, mayNot } from '../jobs/incidents/parts.js'
import { seenBefore } from '../jobs/incidents/remembering.js'
import { createTokenDesk } from '../jobs/token-desk.js'
import type { Log } from '../log.js'
import type { Queue } from '../queue/queue.js'
import { restorableAt } from '../releases/backups/backup-policy.js'
import { type Catalogue, environmentOf } from '../releases/catalogue.js'
import type { Directory } from '../releases/people.js'
import { checkQuorums } from '../releases/quorums.js'
import { createSlackFace, type SlackFace } from '../slack/app.js'
import { createDirectory } from '../slack/directory.js'
import { createIdentity } from '../slack/identity.js'
import { keepMemberList } from '../slack/list-keeper.js'
import { createFormAnswers } from '../slack/listeners/form-answers.js'
import { createOutbox, type Outbox } from '../slack/outbox.js'
import { createSendBytes } from '../slack/upload.js'
import { createSlackWeb } from '../slack/web.js'
import type { Store } from '../store/connect.js'
import type { Door } from './door.js'
import { alertParts, startAlertListener } from './incidents/alerts.js'
import { incidentPorts, writtenReview } from './incidents/desk.js'
import { guideShelf } from './incidents/guides.js'
import { startStatusPage } from './incidents/status-page.js'
import type { AppParts, Closing, Ground } from './parts.js'
import { onCallNow } from './routines.js'

/** `door` is null where Slack is not set up. */
export type FrontParts = AppParts & { door: Door | null; deadMan: DeadMan | null }

/** What people and programs meet, behind the door that is open already. */
export async function startFront(parts: FrontParts, { store, queue, world }: Ground, opened: Closing[]) {
  const { catalogue, clock, log, ports, config, door, deadMan } = parts
  const slack = door && slackOf(parts, store, door)
  const directory = slack?.directory ?? noDirectory
  const deskParts = {
    catalogue,
    desk: store.desk,
    locks: store.locks,
    wakes: queue,
    directory,
    deployments: store.deployments,
    tokens: store.tokens,
    sources: world.releases,
    targets: world.target,
    abilities: world.abilities,
    backups: { engines: world.backups.engines, book: store.backups },
    routines: { rows: store.routines, onCall: onCallNow(parts, slack?.directory.memberByEmail) },
    trail: store.audit,
    clock,
    log,
  }
  const guides = guideShelf(parts, world.abilities)
  const memberOf = slack?.directory.memberByEmail
  const incidents = await incidentPorts(parts, store, guides, () => incidentDesk, memberOf)
  const incidentDesk: IncidentDeskParts = { ...deskParts, incidents }
  const desk = createDesk(incidentDesk)
  door?.decideWith(createFormAnswers(desk))
  const face = slack?.face(desk) ?? null
  const stopping = new AbortController()
  const problems = () => [...(face?.problems() ?? []), ...(slack?.outbox.problems() ?? [])]
  const health = () => healthOf(store, queue, face, problems())
  const { signals, tokens, audit } = store
  const limit = catalogue.people.snapshot
  const people = createAwayDirectory({ live: directory, lists: store.memberLists, limit, clock, log })
  const tokenDesk = createTokenDesk(incidentDesk, people)
  const shown = { runs: store.desk, audit, signals, health, deadMan }
  const http = createHttpFace({ ...shown, desk: tokenDesk, tokens, people, port: ports.http, clock, log })
  const { url } = await http.listen()
  opened.push(http.close, await announceInstance(config.dir, url))
  await face?.start()
  if (face) opened.push(face.stop)
  if (slack) await refuseImpossibleQuorums(catalogue, slack.directory, log)
  const alerts = await alertParts(parts, store, (asker, right) => mayNot(incidentDesk, right, asker))
  await startAlertListener(parts, alerts, opened)
  await startStatusPage(parts, store, opened)
  const telling = slack && Promise.all([slack.outbox.run(stopping.signal), slack.keepMembers(stopping.signal)])
  opened.push(async () => {
    stopping.abort()
    await telling
  })
  return { url, problems }
}

function slackOf(parts: AppParts, store: Store, { inlet, responseOrigins, botToken }: Door) {
  const { config, catalogue, clock, log } = parts
  const { apiUrl } = config.slack
  const web = createSlackWeb({ token: botToken, apiUrl: apiUrl ?? undefined, log })
  const identity = createIdentity(web)
  const send = createSendBytes(responseOrigins)
  const directory = createDirectory({ web, identity, clock })
  const channelOf = (environment: string) => environmentOf(catalogue, environment)?.channel ?? null
  const { telling, boards, desk: runs, signals, leadership } = store
  const outbox: Outbox = createOutbox({
    telling,
    boards,
    desk: runs,
    signals,
    leadership,
    web,
    channelOf,
    groupIds: directory.groupId,
    routines: store.routines,
    incidents: {
      ...store.incidents,
      signals,
      settings: () => catalogue.incidents,
      restorable: ({ service, environment }) => restorableAt(catalogue, service, environment),
      seenBefore: (view, now) => seenBefore(store.incidents, view, now),
      links: linksOf(catalogue),
      members: directory.members,
      botUser: () => identity.known()?.botUser ?? null,
      reviews: { written: (view) => writtenReview(parts, store, view), send },
    },
    clock,
    log,
  })
  const settings = catalogue.incidents
  const face = (desk: ReturnType<typeof createDesk>): SlackFace => {
    const incidents = { press: desk.pressIncident, rows: store.incidents.rows, cards: store.incidents.telling }
    return createSlackFace(
      { botToken, apiUrl },
      {
        desk,
        runs,
        cards: telling,
        channelOf,
        directory,
        identity,
        web,
        responseOrigins,
        clock,
        log,
        incidents,
        settings,
        pictures: { drawn, send },
      },
      inlet,
    )
  }
  const keepMembers = (stop: AbortSignal) =>
    keepMemberList({ read: directory.list, lists: store.memberLists, leadership, clock, log }, stop)
  return { directory, outbox, face, keepMembers }
}

/** The library that draws is loaded with the first picture: most processes never draw one. */
const drawn = async (svg: string): Promise<Buffer> => (await import('../integrations/picture.js')).pictureOf(svg)

/** Where people look during an incident. */
const linksOf =
  ({ prometheus, statusPage }: Catalogue) =>
  (): { title: string; link: string }[] => [
    ...(statusPage ? [{ title: 'Status page', link: statusPage.address }] : []),
    ...(prometheus ? [{ title: 'Prometheus', link: prometheus.url }] : []),
  ]

async function healthOf(store: Store, queue: Queue, face: SlackFace | null, problems: string[]): Promise<Health> {
  const found = await store.health()
  const database = found.reachable
    ? { state: 'up' as const, text: found.server }
    : { state: 'down' as const, text: found.problem }
  const slack =
    problems.length > 0
      ? { state: 'down' as const, text: problems.join(' ') }
      : { state: 'up' as const, text: 'connected' }
  return {
    database,
    queue: { state: database.state, text: `on ${queue.backend}` },
    slack: face ? slack : { state: 'not set up', text: 'SLACK_BOT_TOKEN is not set' },
  }
}

/** Without Slack nobody's standing can be told, so every act is refused: it fails closed. */
const noDirectory: Directory = {
  standing: async () => {
    throw notSetUp()
  },
  members: async () => {
    throw notSetUp()
  },
}

const notSetUp = () =>
  failed('slack-not-set-up', 'Who people are cannot be told: Slack is not set up.', {
    next: 'Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN; npx shipmate doctor says what else is missing.',
  })

/** An approval that nobody could ever give is no start; one that cannot be checked now is said, with its fix. */
async function refuseImpossibleQuorums(catalogue: Catalogue, directory: Directory, log: Log): Promise<void> {
  for (const problem of await checkQuorums(catalogue, directory)) {
    if (problem.code === 'quorum-impossible') throw problem
    log.error({ code: problem.code, next: problem.next }, problem.message)
  }
}
