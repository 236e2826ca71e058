import { z } from 'zod'
import { type Check, type CheckResult, defineCheck, type StepContext } from '../../runs/abilities.js'
import { type ClientsOf, type HostsClients, scopeOf } from './clients.js'
import { verifyInput } from './inputs.js'
import { routeOf } from './look.js'
import { counted, figure, percent, seconds } from './words.js'

type VerifyInput = z.infer<typeof verifyInput>

const countersSchema = z.object({ requests: z.number(), failed: z.number() })
const markSchema = z.object({ elapsedMs: z.number(), versions: z.record(z.string(), countersSchema) })

/** What the new version answered since the watch began. */
export type Watched = { requests: number; failed: number; elapsedMs: number }

/** Watches the proxy's counters of the new version; a verdict that cannot get better any more comes early. */
export const verifyCheck = (clientsOf: ClientsOf): Check =>
  defineCheck<VerifyInput>({
    name: 'hosts.verify',
    input: verifyInput,
    async run(input, context) {
      const clients = await clientsOf(input.target)
      for (;;) {
        const [watched, share] = await Promise.all([look(clients, input, context), shareNow(clients, input, context)])
        const verdict = movedVerdict(input, share) ?? verdictOf(input, watched)
        if (verdict !== null) return verdict
        context.progress({
          done: Math.min(watched.elapsedMs, input.for),
          total: input.for,
          text: progressText(input, watched),
        })
        const left = input.for - watched.elapsedMs
        await context.clock.sleep(Math.max(20, Math.min(left, lookEvery(input.for))), context.signal)
        context.signal.throwIfAborted()
      }
    },
  })

/** Percent of the traffic that the new version gets. */
async function shareNow(clients: HostsClients, input: VerifyInput, { signal }: StepContext): Promise<number> {
  const { upstreams } = await routeOf(clients, input, signal)
  const sum = (list: { weight: number }[]) => list.reduce((total, { weight }) => total + weight, 0)
  const [mine, all] = [sum(upstreams.filter(({ version }) => version === input.version)), sum(upstreams)]
  return all === 0 ? 0 : Math.round((mine / all) * 100)
}

/** Weights are shares of three digits, so a percent more or less is rounding. */
const rounding = 1

/** Somebody went back by hand while no worker looked: going on would take that away from them. */
export function movedVerdict({ version, share }: VerifyInput, now: number): CheckResult | null {
  if (Math.abs(now - share) <= rounding) return null
  return {
    outcome: 'fail',
    summary: `the traffic was moved by somebody else: ${version} gets ${now} %, not ${share} %`,
    value: `${now} %`,
    limit: `${share} %`,
    next: 'Look who serves, and ask who moved it. Deploy again when all agree.',
  }
}

const lookEvery = (total: number) => Math.min(1000, Math.max(100, total / 20))

async function look(clients: HostsClients, input: VerifyInput, { key, signal }: StepContext): Promise<Watched> {
  const mark = await clients.proxy.post(`/routes/${scopeOf(input)}/marks`, { key }, markSchema, { signal })
  const { requests, failed } = mark.versions[input.version] ?? { requests: 0, failed: 0 }
  return { requests, failed, elapsedMs: mark.elapsedMs }
}

/** Null while it is too early to tell. */
export function verdictOf(input: VerifyInput, { requests, failed, elapsedMs }: Watched): CheckResult | null {
  const rate = requests === 0 ? 0 : failed / requests
  const allowed = input.maxErrors * Math.max(requests, input.minRequests)
  const words = `${figure(failed)} failed of ${counted(requests, 'request')}`
  const figures = { value: percent(rate), limit: percent(input.maxErrors) }
  const at = input.share === 100 ? '' : ` at ${input.share} % traffic`
  // Even if everything from here on went well, the least number of requests could not bring the rate back under the limit.
  if (failed > allowed)
    return {
      outcome: 'fail',
      summary: `errors rose to ${percent(rate)} (limit ${percent(input.maxErrors)})${at}: ${words} in ${seconds(elapsedMs)}`,
      ...figures,
      details: { requests, failed, seconds: elapsedMs / 1000, version: input.version },
      next: `Look at the log of ${input.version}.`,
    }
  if (elapsedMs < input.for) return null
  if (requests < input.minRequests)
    return {
      outcome: 'warn',
      summary: `${words} in ${seconds(input.for)}: fewer than ${counted(input.minRequests, 'request')}, too few to judge`,
      ...figures,
    }
  return { outcome: 'pass', summary: `${words} in ${seconds(input.for)}`, ...figures }
}

const progressText = (input: VerifyInput, { failed, requests }: Watched) =>
  `${input.share} % on ${input.version}, ${figure(failed)} failed of ${figure(requests)}`
