import { lookup, Resolver } from 'node:dns/promises'
import { z } from 'zod'
import { timeLimit } from '../../clock.js'
import { timedOut } from '../../errors.js'
import { type Check, defineCheck } from '../../runs/abilities.js'
import { at } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, watchAt } from '../watched/parts.js'
import { counted } from '../watched/words.js'

const answerWithinMs = 4_000

/** Do the names of the place resolve, as programs here see them, or as the name servers of the operator's file say? */
export const namesCheck = (parts: WatchedParts): Check =>
  defineCheck({
    name: 'dns.resolves',
    input: z.object(at),
    async run(given, { signal }) {
      const dns = watchAt(parts, given)?.dns
      if (!dns) return notSetUp(given, 'dns')
      const found = await Promise.all(dns.names.map((name) => addressesOf(name, dns.servers, signal)))
      const silent = found.filter(({ problem }) => problem !== null)
      const details = Object.fromEntries(found.map(({ name, addresses, problem }) => [name, problem ?? addresses]))
      if (silent.length === 0) {
        const to = found.map(({ name, addresses }) => `${name} is ${addresses.slice(0, 2).join(', ')}`).join('; ')
        return { outcome: 'pass', summary: to, value: found.length, details }
      }
      return {
        outcome: 'fail',
        summary: `${counted(silent.length, 'name')} of ${dns.names.length} ${silent.length === 1 ? 'does' : 'do'} not resolve: ${silent.map(({ name, problem }) => `${name} (${problem})`).join(', ')}`,
        value: dns.names.length - silent.length,
        limit: dns.names.length,
        details,
        next: 'Look at the zone at whoever hosts it, and whether the domain was paid for.',
      }
    },
  })

type Resolved = { name: string; addresses: string[]; problem: string | null }

async function addressesOf(name: string, servers: string[], signal: AbortSignal): Promise<Resolved> {
  try {
    const asked = servers.length > 0 ? byServers(name, servers) : byMachine(name)
    const addresses = await within(asked, name, signal)
    return { name, addresses, problem: addresses.length > 0 ? null : 'no address' }
  } catch (thrown) {
    if (signal.aborted) throw thrown
    return { name, addresses: [], problem: wordsOf(thrown) }
  }
}

async function byServers(name: string, servers: string[]): Promise<string[]> {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 })
  resolver.setServers(servers)
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length > 0) return addresses
  // A name may well have no address of one kind; what went wrong with the usual kind is the news.
  const [first] = answers
  if (first.status === 'rejected') throw first.reason
  return []
}

const byMachine = async (name: string) => (await lookup(name, { all: true })).map(({ address }) => address)

async function within<T>(asked: Promise<T>, name: string, signal: AbortSignal): Promise<T> {
  const late = timeLimit(answerWithinMs, signal)
  const silence = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () =>
      reject(timedOut('dns-silent', `no name server answered for ${name} within 4 s`)),
    )
  })
  return Promise.race([asked, silence])
}

const known: { [code: string]: string } = {
  ENOTFOUND: 'no such name',
  ENODATA: 'no address',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused',
  ECONNREFUSED: 'the name server does not answer',
  ETIMEOUT: 'the name server does not answer',
  EAI_AGAIN: 'the name server does not answer',
}

function wordsOf(thrown: unknown): string {
  const { code = '', message = '' } = thrown as { code?: string; message?: string }
  return known[code] ?? (message || code)
}
