import { type Clue, type Found, notLooked } from '../../incidents/clues.js'
import type { Impact } from '../../incidents/incident.js'
import { type PrometheusClient, prometheusOf, type Sampled } from '../prometheus/client.js'
import { watchAt } from '../watched/parts.js'
import { percent } from '../watched/words.js'
import { type ClueParts, clueAt } from './asking.js'

const lookBackMs = 60 * 60_000
const stepSeconds = 15

/** For how many it is broken, and since when, by what Prometheus has measured. */
export const metricsClue = (parts: ClueParts): Clue =>
  clueAt('metrics', async (at, scene, signal): Promise<Found> => {
    const metrics = watchAt(parts, at)?.metrics
    const prometheus = await prometheusOf(parts)
    if (!metrics || prometheus === null) return notLooked('not set up: no metrics in the operator’s file')
    const [errors, latency] = await Promise.all([
      course(prometheus, metrics.errors, scene.now, signal),
      course(prometheus, metrics.latency, scene.now, signal),
    ])
    if (errors.length === 0 && latency.length === 0) throw new Error('Prometheus has seen no requests in the last hour')
    const limits = { errors: metrics.maxErrors, latency: metrics.maxLatency / 1000 }
    return { suspects: [], impact: impactOf(errors, latency, limits), skipped: null }
  })

const course = (prometheus: PrometheusClient, expression: string, now: Date, signal: AbortSignal) =>
  prometheus.range(expression, new Date(now.getTime() - lookBackMs), now, stepSeconds, signal)

/** The 95th of a hundred over the limit means that five of a hundred are, or more. */
const slowAtLeast = 0.05

export function impactOf(errors: Sampled[], latency: Sampled[], limits: { errors: number; latency: number }): Impact {
  const [failing, slow] = [streakOf(errors, limits.errors), streakOf(latency, limits.latency)]
  const share = errors.at(-1)?.value ?? 0
  const starts = [failing.since, slow.since].filter((moment) => moment !== null).sort((a, b) => +a - +b)
  const ms = (value: number) => `${Math.round(value * 1000)} ms`
  const evidence = [
    ...(errors.length > 0
      ? [`${percent(share)} of requests fail (limit ${percent(limits.errors)}, before ${percent(failing.before)})`]
      : []),
    ...(latency.length > 0
      ? [`p95 ${ms(latency.at(-1)?.value ?? 0)} (limit ${ms(limits.latency)}, before ${ms(slow.before)})`]
      : []),
  ]
  const words = [
    failing.since ? `${percent(share)} of requests fail` : '',
    slow.since ? `${percent(slowAtLeast)} or more take longer than ${ms(limits.latency)}` : '',
  ].filter((text) => text !== '')
  return {
    text: words.length > 0 ? words.join(', ') : `No more requests fail or are slow than usual: ${evidence.join('; ')}`,
    requests: Math.max(failing.since ? share : 0, slow.since ? slowAtLeast : 0),
    users: null,
    since: starts[0] ?? null,
    evidence,
  }
}

/** Since when it has been over the limit without a break up to now, and what it was before that, in the middle. */
function streakOf(samples: Sampled[], limit: number): { since: Date | null; before: number } {
  const lastGood = samples.findLastIndex(({ value }) => value <= limit)
  const bad = samples.slice(lastGood + 1)
  const before = samples.slice(0, lastGood + 1).map(({ value }) => value)
  return { since: bad[0]?.at ?? null, before: before.sort((a, b) => a - b)[Math.floor(before.length / 2)] ?? 0 }
}
