import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../src/free-port.js'
import { waitFor } from '../wait-for.js'

/** A real Prometheus that scrapes every second what a small exporter counts. */
export async function startPrometheus(program: string) {
  const counts = { good: 0, bad: 0, quick: 0, slow: 0 }
  const exporter = createServer((_request, response) => response.end(exposition(counts))).listen(0, '127.0.0.1')
  await once(exporter, 'listening')
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-prometheus-'))
  const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`
  writeFileSync(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: shop\n    static_configs:\n      - targets: ["${target}"]\n        labels: { service: storefront, environment: prod }\n`,
  )
  const port = await freePort()
  const flags = [
    `--config.file=${dir}/prometheus.yml`,
    `--storage.tsdb.path=${dir}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  const server = spawn(program, flags, { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  await waitFor(
    'Prometheus is ready',
    () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    30_000,
  )
  let visits: NodeJS.Timeout | undefined
  return {
    url,
    /** From now on ten visits each 100 ms, so many of them failing and so many slow. */
    visits(failing: number, slow: number) {
      clearInterval(visits)
      visits = setInterval(() => {
        counts.bad += failing
        counts.good += 10 - failing
        counts.slow += slow
        counts.quick += 10 - slow
      }, 100)
    },
    async close() {
      clearInterval(visits)
      const gone = once(server, 'exit')
      server.kill('SIGTERM')
      await gone
      exporter.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const exposition = ({ good, bad, quick, slow }: { good: number; bad: number; quick: number; slow: number }) => `
# TYPE http_requests_total counter
http_requests_total{status="200"} ${good}
http_requests_total{status="500"} ${bad}
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.1"} ${quick}
http_request_duration_seconds_bucket{le="1"} ${quick}
http_request_duration_seconds_bucket{le="2.5"} ${quick + slow}
http_request_duration_seconds_bucket{le="+Inf"} ${quick + slow}
http_request_duration_seconds_sum ${quick * 0.05 + slow * 2}
http_request_duration_seconds_count ${quick + slow}
`
