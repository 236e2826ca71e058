import { z } from 'zod'
import { failed } from '../../errors.js'
import { createHttp } from '../http.js'
import type { WatchedParts } from '../watched/parts.js'

const point = z.tuple([z.number(), z.string()])
const labels = z.record(z.string(), z.string())
const answer = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: labels, value: point })) }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: labels, values: z.array(point) })),
    }),
    z.object({ resultType: z.literal('scalar'), result: point }),
    z.object({ resultType: z.literal('string'), result: point }),
  ]),
})

export type Sample = { labels: { [name: string]: string }; value: number }
export type Sampled = { at: Date; value: number }

/** Asks Prometheus; null where the operator's file names none. */
export type PrometheusClient = {
  /** What the expression says at a moment, for each series; what is no number is left out. */
  query(expression: string, signal: AbortSignal, at?: Date): Promise<Sample[]>
  /** One value, or null when there is none. */
  value(expression: string, signal: AbortSignal, at?: Date): Promise<number | null>
  /** The first series over a stretch of time. */
  range(expression: string, from: Date, to: Date, stepSeconds: number, signal: AbortSignal): Promise<Sampled[]>
}

export async function prometheusOf({ catalogue, secret, log }: WatchedParts): Promise<PrometheusClient | null> {
  const settings = catalogue.prometheus
  if (settings === null) return null
  const token = settings.token === null ? {} : { token: await secret(settings.token) }
  const { host } = new URL(settings.url)
  const baseUrl = settings.url.replace(/\/$/, '')
  const http = createHttp({ name: 'Prometheus', baseUrl, ...token, allowedHosts: [host], timeoutMs: 5_000, log })
  const ask = async (path: string, values: { [name: string]: string }, signal: AbortSignal) =>
    (await http.get(`/api/v1/${path}?${new URLSearchParams(values)}`, answer, { signal })).data

  const query: PrometheusClient['query'] = async (expression, signal, at) => {
    const data = await ask('query', { query: expression, timeout: '4s', ...(at && { time: stamp(at) }) }, signal)
    if (data.resultType === 'scalar') return [{ labels: {}, value: Number(data.result[1]) }]
    if (data.resultType !== 'vector') throw notNumbers(expression, data.resultType)
    return data.result
      .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
      .filter(({ value }) => !Number.isNaN(value))
  }
  return {
    query,
    value: async (expression, signal, at) => (await query(expression, signal, at))[0]?.value ?? null,
    async range(expression, from, to, stepSeconds, signal) {
      const values = { query: expression, start: stamp(from), end: stamp(to), step: String(stepSeconds), timeout: '4s' }
      const data = await ask('query_range', values, signal)
      const [first] = data.resultType === 'matrix' ? data.result : []
      return (first?.values ?? [])
        .map(([at, value]) => ({ at: new Date(at * 1000), value: Number(value) }))
        .filter(({ value }) => !Number.isNaN(value))
    },
  }
}

const stamp = (at: Date) => String(at.getTime() / 1000)

const notNumbers = (expression: string, kind: string) =>
  failed('metrics-no-number', 'the expression gives no number for now', {
    wanted: 'an expression that gives a vector or a scalar',
    came: `${kind} from ${expression.slice(0, 200)}`,
    next: 'Correct the expression.',
  })
