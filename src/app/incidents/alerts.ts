import type { Asker } from '../../commands/command.js'
import { resolveSecret } from '../../config.js'
import { failed } from '../../errors.js'
import { rulesOf } from '../../incidents/alerts/rules.js'
import { createAlertmanager } from '../../integrations/alertmanager.js'
import { createReleaseFolder } from '../../integrations/release-folder.js'
import { createIntake } from '../../jobs/alerts/intake.js'
import { createAlertJudge } from '../../jobs/alerts/judge.js'
import type { AlertParts } from '../../jobs/alerts/parts.js'
import { environmentOf } from '../../releases/catalogue.js'
import type { Denial } from '../../releases/denial.js'
import type { Store } from '../../store/connect.js'
import { createAlertListener } from '../../webhooks/listener.js'
import { armedSenders } from '../../webhooks/senders.js'
import type { AppParts, Closing, Grounds } from '../parts.js'

type May = (asker: Asker, act: 'declare' | 'respond') => Promise<Denial | null>

/** Alerts on the store; `may` decides about people, and where nobody can be told who they are, nobody may. */
export async function alertParts({ catalogue, env, clock, log }: Grounds, store: Store, may: May): Promise<AlertParts> {
  const { incidents } = store
  const { labels, sources } = catalogue.alerts
  const api = sources.alertmanager?.api
  const token = sources.alertmanager?.apiToken && (await resolveSecret(sources.alertmanager.apiToken, env))
  const named = { service: labels.service[0] ?? 'service', environment: labels.environment[0] ?? 'environment' }
  return {
    ...{ rows: incidents.rows, reads: incidents.reads, alerts: incidents.alerts, intake: incidents.intake },
    ...{ book: incidents.book, turns: incidents.turns, silences: incidents.silences },
    outside: api ? createAlertmanager({ api, labels: named, log, ...(token && { token }) }) : null,
    rules: rulesOf(catalogue.alerts),
    settings: catalogue.incidents,
    names: { services: Object.keys(catalogue.services), environments: Object.keys(catalogue.environments) },
    code: (service) => {
      const known = Object.hasOwn(catalogue.services, service) ? catalogue.services[service] : undefined
      if (!known?.repository) return null
      return { repository: known.repository, releases: createReleaseFolder({ dir: known.releases.path, log }) }
    },
    channelOf: (environment) => environmentOf(catalogue, environment)?.channel ?? null,
    team: () => teamOf(store),
    may,
    clock,
    log,
  }
}

/** The workspace that incidents belong to, as Slack last told it. */
async function teamOf({ memberLists }: Store): Promise<string> {
  const list = await memberLists.last()
  if (list) return list.team
  throw failed('workspace-unknown', 'Slack has not told yet which workspace this is.', { transient: true })
}

export const nobodyMay: May = async () => ({
  code: 'standing-unknown',
  what: 'You may not act here.',
  why: 'This process does not speak to people.',
  next: 'Use Slack or the terminal.',
})

/** Where machines say what is wrong and what changed; null when the operator's file names no sender. */
export async function startAlertListener(app: AppParts, parts: AlertParts, opened: Closing[]): Promise<string | null> {
  const { catalogue, env, clock, log, config } = app
  const judge = createAlertJudge(parts)
  const senders = await armedSenders(catalogue.alerts, (reference) => resolveSecret(reference, env))
  if (senders.length === 0) return null
  const take = createIntake(parts, judge)
  const port = app.ports.alerts ?? config.alerts.port
  const listener = createAlertListener({ senders, take, port, address: config.alerts.address, clock, log })
  const { url } = await listener.listen()
  opened.push(judge.settled, listener.close)
  return url
}
