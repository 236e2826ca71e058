import { z } from 'zod'
import { asShipmateError } from '../../errors.js'
import { type Check, type CheckResult, defineCheck, type StepContext } from '../../runs/abilities.js'
import type { ClientsOf, HostsClients } from './clients.js'
import { artifactInput, reachableInput } from './inputs.js'
import { readyCheck } from './ready.js'
import { verifyCheck } from './verify.js'
import { counted } from './words.js'

const releasesSchema = z.object({
  releases: z.array(z.object({ service: z.string(), version: z.string(), digest: z.string(), ok: z.boolean() })),
})

/** What can be observed on hosts and their proxy. */
export function hostsChecks(clientsOf: ClientsOf): Check[] {
  return [artifactCheck(clientsOf), reachableCheck(clientsOf), readyCheck(clientsOf), verifyCheck(clientsOf)]
}

const artifactCheck = (clientsOf: ClientsOf) =>
  defineCheck<z.infer<typeof artifactInput>>({
    name: 'hosts.artifact',
    input: artifactInput,
    async run(input, context) {
      const { hosts } = await clientsOf(input.target)
      const found = await Promise.all(
        hosts.map(async ({ name, http }) => {
          const { releases } = await http.get('/releases', releasesSchema, { signal: context.signal })
          return [name, problemWith(releases, input)] as const
        }),
      )
      const problems = found.filter(([, problem]) => problem !== null)
      if (problems.length === 0)
        return {
          outcome: 'pass',
          summary: `${input.version} is on ${counted(hosts.length, 'host')}, digest as planned`,
        }
      return {
        outcome: 'fail',
        summary: problems.map(([host, problem]) => `${host}: ${problem}`).join('; '),
        details: { wanted: input.artifact },
        next: 'Build the release again and deliver it to the hosts.',
      }
    },
  })

type Releases = z.infer<typeof releasesSchema>['releases']

function problemWith(releases: Releases, { service, version, artifact }: z.infer<typeof artifactInput>): string | null {
  const release = releases.find((item) => item.service === service && item.version === version)
  if (release === undefined) return `no ${version}`
  return release.ok && release.digest === artifact ? null : `another ${version} (${release.digest.slice(0, 19)}…)`
}

const reachableCheck = (clientsOf: ClientsOf) =>
  defineCheck<z.infer<typeof reachableInput>>({
    name: 'hosts.reachable',
    input: reachableInput,
    run: async (input, context) => reachable(await clientsOf(input.target), context),
  })

async function reachable({ hosts, proxy }: HostsClients, { signal }: StepContext): Promise<CheckResult> {
  const calls = [...hosts, { name: 'proxy', http: proxy }].map(async ({ name, http }) => {
    try {
      await http.get('/', z.object({ part: z.string() }), { signal, timeoutMs: 5000 })
      return null
    } catch (error) {
      const { message, next } = asShipmateError(error)
      return { name, message, next }
    }
  })
  const silent = (await Promise.all(calls)).filter((problem) => problem !== null)
  const [first] = silent
  if (first === undefined) return { outcome: 'pass', summary: `${counted(hosts.length, 'host')} and the proxy answer` }
  return {
    outcome: 'fail',
    summary: silent.map(({ message }) => message).join('; '),
    ...(first.next && { next: first.next }),
  }
}
