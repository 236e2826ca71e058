import type { ApplicationCost, Change, Seen } from '../../backups/cost/cost.js'
import { asShipmateError } from '../../errors.js'
import { shownDuration } from '../../releases/durations.js'
import { type WatchedParts, watchAt } from '../watched/parts.js'
import { type PrometheusClient, prometheusOf } from './client.js'
import { overTime } from './over-time.js'

type Place = { service: string; environment: string }
type Ran = { from: Date; to: Date }

/** p95 and the share of errors while something ran, against as long a time right before. Says why where it cannot tell. */
export async function whileItRan(
  parts: WatchedParts,
  place: Place,
  ran: Ran,
  signal: AbortSignal,
): Promise<Seen<ApplicationCost>> {
  const metrics = watchAt(parts, place)?.metrics
  try {
    const prometheus = await prometheusOf(parts)
    if (!metrics || prometheus === null) return { why: notMeasured(place, metrics ? 'prometheus' : 'watch.metrics') }
    const [p95, errors] = await Promise.all([
      change(prometheus, metrics.latency, ran, signal),
      change(prometheus, metrics.errors, ran, signal),
    ])
    if (p95 === null && errors === null) return { why: tooLittle(place, ran) }
    return { seen: { ...place, p95: p95 && inMilliseconds(p95), errors } }
  } catch (thrown) {
    signal.throwIfAborted()
    return { why: `what visitors felt is not known: ${asShipmateError(thrown).message}` }
  }
}

async function change(
  prometheus: PrometheusClient,
  expression: string,
  { from, to }: Ran,
  signal: AbortSignal,
): Promise<Change | null> {
  const asked = overTime(expression, Math.max(1, Math.round((to.getTime() - from.getTime()) / 1_000)))
  const [before, during] = await Promise.all([
    prometheus.value(asked, signal, from),
    prometheus.value(asked, signal, to),
  ])
  return before === null || during === null ? null : { before, during }
}

/** Not the same as well: it says what would have to be in the file. */
const notMeasured = ({ service, environment }: Place, key: string) =>
  `what visitors felt is not measured: no ${key} for ${service} in ${environment}`

const inMilliseconds = ({ before, during }: Change): Change => ({ before: before * 1_000, during: during * 1_000 })

const tooLittle = ({ service, environment }: Place, { from, to }: Ran) =>
  `what visitors felt is not known: Prometheus has too little of ${service} in ${environment} for the ${shownDuration(to.getTime() - from.getTime())} and as long before`
