import { type Counters, type CountsByVersion, latencyBounds } from './counters.js'

/** What visitors got, by route and version, as Prometheus reads it; `status` tells those who got an error from others. */
export function exposition(routes: { service: string; versions: CountsByVersion }[]): string {
  const all = routes.flatMap(({ service, versions }) =>
    Object.entries(versions).map(([version, counters]) => ({
      labels: `route="${service}",version="${version}"`,
      counters,
    })),
  )
  return [
    '# TYPE http_requests_total counter',
    ...all.flatMap(({ labels, counters: { requests, failed } }) => [
      `http_requests_total{${labels},status="200"} ${requests - failed}`,
      `http_requests_total{${labels},status="500"} ${failed}`,
    ]),
    '# TYPE http_request_duration_seconds histogram',
    ...all.flatMap(({ labels, counters }) => histogram(labels, counters)),
    '',
  ].join('\n')
}

/** Prometheus' buckets hold all that was quicker, ours only what the one before does not; what took how long in sum is not kept. */
function histogram(labels: string, { requests, latency }: Counters): string[] {
  const name = 'http_request_duration_seconds'
  const bucket = (until: string, count: number) => `${name}_bucket{${labels},le="${until}"} ${count}`
  const until = (at: number) => latency.slice(0, at + 1).reduce((sum, count) => sum + count, 0)
  return [
    ...latencyBounds.map((bound, at) => bucket(String(bound / 1000), until(at))),
    bucket('+Inf', requests),
    `${name}_count{${labels}} ${requests}`,
  ]
}
