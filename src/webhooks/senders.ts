import type { AlertsSection } from '../releases/sections/alerts.js'
import { alertmanager } from './alertmanager.js'
import { changes } from './changes.js'
import { docker } from './docker.js'
import { generic } from './generic.js'
import { github } from './github.js'
import { grafana } from './grafana.js'
import { kubernetes } from './kubernetes.js'
import { n8n } from './n8n.js'
import { pagerduty } from './pagerduty.js'
import type { Sender } from './sender.js'
import { sentry } from './sentry.js'
import { stripe } from './stripe.js'

/** A sender with the secrets that prove it. */
export type Armed = { sender: Sender; secrets: string[] }

/** The senders that the operator's file names; every other path is not there. `secret` resolves a reference. */
export async function armedSenders(
  { sources }: Pick<AlertsSection, 'sources'>,
  secret: (reference: string) => Promise<string>,
): Promise<Armed[]> {
  const wanted: [Sender, { secrets: string[] } | undefined][] = [
    [alertmanager(sources.alertmanager?.user ?? null), sources.alertmanager],
    [grafana, sources.grafana],
    [sentry, sources.sentry],
    [pagerduty, sources.pagerduty],
    [github, sources.github],
    [stripe, sources.stripe],
    [n8n, sources.n8n],
    [generic, sources.generic],
    [changes, sources.changes],
    // Forwarders of events are signed like any other change.
    [docker, sources.changes],
    [kubernetes, sources.changes],
  ]
  const armed = wanted.map(async ([sender, named]) =>
    named ? [{ sender, secrets: await Promise.all(named.secrets.map(secret)) }] : [],
  )
  return (await Promise.all(armed)).flat()
}
