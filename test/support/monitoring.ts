import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAlertmanager } from './alertmanager.js'
import { requirePart } from './parts.js'
import type { Stage } from './stage.js'
import { waitFor } from './wait-for.js'

/** Whether both programs are here. */
export const canMonitor = (): boolean => requirePart('prometheus') !== null && requirePart('alertmanager') !== null

/** What an operator's file says so that the stage's prod is watched by the Prometheus on this port. */
export const monitored = (text: string, port: number): string =>
  `${text}\nprometheus:\n  url: http://127.0.0.1:${port}\n`.replace(
    /^( +)probe: .+$/m,
    // The machine is shared with everything else that is tested, so answers may take long.
    `$&
$1metrics:
$1  match: route="storefront-prod"
$1  window: 10s
$1  maxLatency: 5s
$1gate: [http.probe, metrics.errors, postgres.reachable, alerts.quiet]`,
  )

/** A release that answers errors goes live there, a rollback asks one other person, and a gate opens soon. */
export const breakable = (text: string): string =>
  text
    .replace('maxErrors: 1', 'maxErrors: 50')
    .replace('rollback:\n        quorum: 0', 'rollback:\n        quorum: 1\n        groups: [release-managers]')
    .replace('green: 1m', 'green: 10s')

/**
 * A real Prometheus that scrapes the stage's proxy every second and has a rule on the share of errors of the shop in
 * prod, and a real Alertmanager that sends what fires to the stage's Shipmate.
 */
export async function startMonitoring(stage: Stage, port: number) {
  const saved = (path: string) => JSON.parse(readFileSync(join(stage.dir, path), 'utf8')) as { [name: string]: number }
  const tokenFile = join(stage.dir, 'floor', 'token')
  const token = readFileSync(tokenFile, 'utf8').trim()
  const listener = `http://127.0.0.1:${saved('ports.json').alerts}/v1/alerts/alertmanager`
  const alertmanager = await startAlertmanager(requirePart('alertmanager') ?? '', { url: listener, token })
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-prometheus-'))
  writeFileSync(join(dir, 'rules.yml'), rules)
  const targets = {
    proxy: `127.0.0.1:${saved('floor/ports.json').proxy}`,
    alertmanager: new URL(alertmanager.url).host,
  }
  writeFileSync(join(dir, 'prometheus.yml'), settings(dir, tokenFile, targets))
  const server = spawn(
    requirePart('prometheus') ?? '',
    [
      `--config.file=${dir}/prometheus.yml`,
      `--storage.tsdb.path=${dir}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.external-url=http://127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null))?.ok ?? false
  await waitFor('Prometheus is ready', ready, 30_000)
  return {
    async close() {
      const gone = once(server, 'exit')
      server.kill('SIGTERM')
      await gone
      await alertmanager.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const settings = (dir: string, tokenFile: string, { proxy, alertmanager }: { proxy: string; alertmanager: string }) => `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${dir}/rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{ targets: ["${alertmanager}"] }]
scrape_configs:
  - job_name: proxy
    authorization: { credentials_file: ${tokenFile} }
    static_configs: [{ targets: ["${proxy}"] }]
`

const requests = (more = '') => `sum(rate(http_requests_total{route="storefront-prod"${more}}[10s]))`

const rules = `
groups:
  - name: shop
    rules:
      - alert: HighErrorRate
        expr: '${requests(',status="500"')} / ${requests()} > 0.02'
        for: 2s
        labels: { service: storefront, environment: prod, severity: error }
        annotations:
          description: 'Of the requests to the storefront {{ $value | humanizePercentage }} fail.'
`
