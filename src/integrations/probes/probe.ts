import { z } from 'zod'
import { asShipmateError } from '../../errors.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { createHttp } from '../http.js'
import { amount, at } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, watchAt } from '../watched/parts.js'
import { cut } from '../watched/words.js'

const input = z.object({ ...at, maxMs: amount.default(1_000) })
const answerWithinMs = 8_000

/** Asks as a visitor does: the address of the operator's file has to answer well and soon. */
export const probeCheck = (parts: WatchedParts): Check =>
  defineCheck<z.infer<typeof input>>({
    name: 'http.probe',
    input,
    async run(given, { signal, clock }) {
      const address = watchAt(parts, given)?.probe
      if (!address) return notSetUp(given, 'probe')
      const { host, origin, pathname, search } = new URL(address)
      const whole = { timeoutMs: answerWithinMs, maxBytes: 8 * 1024 * 1024 }
      const http = createHttp({
        name: host,
        baseUrl: origin,
        allowedHosts: [host],
        ...whole,
        log: parts.log,
      })
      const began = clock.now().getTime()
      const problem = await http.text(`${pathname}${search}`, { signal }).then(
        () => null,
        (thrown: unknown) => asShipmateError(thrown),
      )
      if (problem?.kind === 'stopped') throw problem
      const took = clock.now().getTime() - began
      return probed({ address, took, limit: given.maxMs, problem })
    },
  })

type Probed = { address: string; took: number; limit: number; problem: ReturnType<typeof asShipmateError> | null }

function probed({ address, took, limit, problem }: Probed): CheckResult {
  const figures = { value: `${took} ms`, limit: `${limit} ms` }
  if (problem !== null)
    return {
      outcome: 'fail',
      summary: cut(`${address}: ${problem.message}`, 200),
      ...figures,
      details: { code: problem.code, came: problem.came ?? '' },
      next: problem.next ?? 'Look at the service’s log and at what stands in front of it.',
    }
  const slow = took > limit
  return {
    outcome: slow ? 'warn' : 'pass',
    summary: `${address} answered in ${took} ms (limit ${limit} ms)`,
    ...figures,
    ...(slow && { next: 'Find the slow part: the database, the cache, or a vendor.' }),
    output: { ms: took },
  }
}
