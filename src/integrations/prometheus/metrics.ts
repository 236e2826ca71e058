import { z } from 'zod'
import type { WatchedMetrics } from '../../releases/watch.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { type At, amount, at, percentage } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, watchAt } from '../watched/parts.js'
import { percent } from '../watched/words.js'
import { type PrometheusClient, prometheusOf } from './client.js'

const errorsInput = z.object({ ...at, max: percentage.optional() })
const latencyInput = z.object({ ...at, maxMs: amount.optional() })
const trafficInput = z.object({ ...at, maxFactor: amount.optional() })

type Metered<Input> = (
  prometheus: PrometheusClient,
  metrics: WatchedMetrics,
  input: Input,
  looking: Looking,
) => Promise<CheckResult>
type Looking = { signal: AbortSignal; now: Date }

function metricCheck<Input extends At>(
  parts: WatchedParts,
  name: string,
  input: z.ZodType<Input>,
  look: Metered<Input>,
) {
  return defineCheck<Input>({
    name,
    input,
    async run(given, { signal, clock }) {
      const metrics = watchAt(parts, given)?.metrics
      const prometheus = await prometheusOf(parts)
      if (!metrics || prometheus === null) return notSetUp(given, 'metrics')
      return look(prometheus, metrics, given, { signal, now: clock.now() })
    },
  })
}

/** Share of requests that fail. */
export const errorsCheck = (parts: WatchedParts): Check =>
  metricCheck(parts, 'metrics.errors', errorsInput, async (prometheus, metrics, { max }, { signal }) => {
    const found = await prometheus.value(metrics.errors, signal)
    if (found === null) return noRequests
    const limit = max ?? metrics.maxErrors
    const high = found > limit
    return {
      outcome: high ? 'fail' : 'pass',
      summary: `${percent(found)} of requests fail (limit ${percent(limit)})`,
      value: percent(found),
      limit: percent(limit),
      details: { query: metrics.errors },
      ...(high && { next: 'Look what changed: the last deploy, the database, a vendor.' }),
      output: { share: found },
    }
  })

/** How long 95 of 100 requests take at most. */
export const latencyCheck = (parts: WatchedParts): Check =>
  metricCheck(parts, 'metrics.latency', latencyInput, async (prometheus, metrics, { maxMs }, { signal }) => {
    const found = await prometheus.value(metrics.latency, signal)
    if (found === null) return noRequests
    const [ms, limit] = [Math.round(found * 1000), maxMs ?? metrics.maxLatency]
    const high = ms > limit
    return {
      outcome: high ? 'fail' : 'pass',
      summary: `p95 ${ms} ms (limit ${limit} ms)`,
      value: `${ms} ms`,
      limit: `${limit} ms`,
      details: { query: metrics.latency },
      ...(high && { next: 'Find the slow part: the database, the cache, or a vendor.' }),
      output: { ms },
    }
  })

// Nobody asked: that is no proof that all is well, and none that it is not.
const noRequests: CheckResult = {
  outcome: 'warn',
  summary: 'Prometheus has seen no requests: nothing can be told',
  next: 'Look whether the service is scraped, and whether visitors reach it at all.',
}

/** Requests now against those of an hour, a day and a week ago. */
export const trafficCheck = (parts: WatchedParts): Check =>
  metricCheck(parts, 'metrics.traffic', trafficInput, async (prometheus, metrics, { maxFactor }, { signal, now }) => {
    const before = metrics.usual.map((ago) => new Date(now.getTime() - ago))
    const [current, ...earlier] = await Promise.all([
      prometheus.value(metrics.traffic, signal),
      ...before.map((moment) => prometheus.value(metrics.traffic, signal, moment)),
    ])
    return trafficVerdict(current ?? 0, earlier, maxFactor ?? metrics.maxFactor)
  })

export function trafficVerdict(now: number, earlier: (number | null)[], most: number): CheckResult {
  const known = earlier.filter((value) => value !== null && value > 0).sort((a, b) => Number(a) - Number(b))
  const usual = known[Math.floor(known.length / 2)]
  const rate = (value: number) => `${Number(value.toFixed(1))} requests/s`
  if (!usual) return { outcome: 'skip', summary: `${rate(now)}; what is usual is not known yet` }
  const factor = now / usual
  const figures = { value: `${Number(factor.toFixed(1))} ×`, limit: `${most} ×` }
  const summary = `${rate(now)}, ${figures.value} the usual ${rate(usual)} (limit ${figures.limit})`
  const output = { factor, now, usual }
  if (factor > most)
    return { outcome: 'fail', summary, ...figures, next: 'Look who asks: a campaign, a crawler or an attack.', output }
  if (factor * most < 1)
    return {
      outcome: 'warn',
      summary,
      ...figures,
      next: 'Visitors stay away: look whether they reach the service.',
      output,
    }
  return { outcome: 'pass', summary, ...figures, output }
}

const limit = z.coerce.number().optional()
const queryInput = z.object({ ...at, query: z.string().min(1), above: limit, below: limit })

/** Any PromQL expression against a limit: it fails when a series is above `above`, or below `below`. */
export const queryCheck = (parts: WatchedParts): Check =>
  defineCheck<z.infer<typeof queryInput>>({
    name: 'metrics.query',
    input: queryInput,
    async run({ query, above, below, ...given }, { signal }): Promise<CheckResult> {
      const prometheus = await prometheusOf(parts)
      if (prometheus === null)
        return { ...notSetUp(given, 'metrics'), next: 'To have it looked at, add prometheus to the operator’s file.' }
      const samples = await prometheus.query(query, signal)
      if (samples.length === 0) return { outcome: 'warn', summary: 'the expression gives nothing', details: { query } }
      const sorted = [...samples].sort((a, b) => b.value - a.value)
      const [high, low] = [sorted[0], sorted.at(-1)]
      const over = above !== undefined && high !== undefined && high.value > above ? high : undefined
      const under = below !== undefined && low !== undefined && low.value < below ? low : undefined
      const worst = over ?? under ?? (above === undefined && below !== undefined ? low : high)
      const limits = [above === undefined ? '' : `at most ${above}`, below === undefined ? '' : `at least ${below}`]
      const limit = limits.filter((text) => text !== '').join(', ')
      const value = Number((worst?.value ?? 0).toPrecision(4))
      const series = Object.entries(worst?.labels ?? {}).map(([name, label]) => `${name}=${label}`)
      return {
        outcome: over || under ? 'fail' : 'pass',
        summary: `${value}${limit ? ` (limit: ${limit})` : ''}${series.length > 0 ? ` for ${series.slice(0, 3).join(', ')}` : ''}`,
        value,
        ...(limit && { limit }),
        details: { query, series: samples.length },
        output: { value },
      }
    },
  })
