import type { z } from 'zod'
import { failed } from '../../errors.js'
import { type Action, defineAction, type StepContext } from '../../runs/abilities.js'
import { announceTo, type ClientsOf, fenced, type HostsClients, orderOf, routeSchema, scopeOf } from './clients.js'
import { shiftInput, type UpstreamRef } from './inputs.js'
import { instancesOf } from './look.js'
import { counted } from './words.js'

type ShiftInput = z.infer<typeof shiftInput>

/** Replaces the route table of a service; what was under way on instances that are taken out is finished by the proxy. */
export const shiftAction = (clientsOf: ClientsOf): Action =>
  defineAction<ShiftInput>({
    name: 'hosts.shift',
    input: shiftInput,
    fence: 'generation',
    announce: async (input, context) => announceTo((await clientsOf(input.target)).proxy, input, context),
    async run(input, context) {
      const clients = await clientsOf(input.target)
      const upstreams = await located(clients, input, context)
      const body = { ...orderOf(context), upstreams }
      const path = `/routes/${scopeOf(input)}`
      await fenced(clients.proxy.put(path, body, routeSchema, { signal: context.signal }))
      const share = shareOf(upstreams, input.version)
      const text = input.version === null ? 'no traffic' : `${share} % on ${input.version}`
      context.progress({ done: share, total: 100, text })
      return { evidence: { summary: text, details: { route: upstreams } }, output: { share } }
    },
  })

type Located = { id: string; url: string; weight: number; version: string }

/** Instances with their addresses now: an agent that was restarted may have given an instance another one. */
async function located(clients: HostsClients, input: ShiftInput, context: StepContext): Promise<Located[]> {
  const found = await addresses(clients, input, context)
  const upstreams = input.upstreams.map((ref) => ({ ref, url: found ? (found.get(ref.id) ?? null) : ref.url }))
  const missing = upstreams.filter(({ url }) => url === null).map(({ ref }) => ref)
  const there = upstreams.flatMap(({ ref, url }) =>
    url === null ? [] : [{ id: ref.id, url, weight: ref.weight, version: ref.version }],
  )
  if (missing.length > 0 && (input.all || there.length === 0)) throw gone(missing)
  return there
}

/** Null when a host cannot be asked and going back must not wait for it. */
async function addresses(clients: HostsClients, input: ShiftInput, context: StepContext) {
  try {
    const instances = await instancesOf(clients, input, context.signal)
    return new Map(instances.map(({ id, url }) => [id, url]))
  } catch (error) {
    if (input.all || context.signal.aborted) throw error
    return null
  }
}

const gone = (missing: UpstreamRef[]) =>
  failed('instance-missing', `${counted(missing.length, 'instance')} that should get traffic cannot be found`, {
    wanted: missing.map(({ id, host }) => `${id} on ${host}`).join(', '),
    came: 'the hosts do not know them',
    next: 'Traffic was left as it is. Plan again.',
  })

function shareOf(upstreams: Located[], version: string | null): number {
  const sum = (list: Located[]) => list.reduce((total, { weight }) => total + weight, 0)
  const total = sum(upstreams)
  return total === 0 ? 0 : Math.round((sum(upstreams.filter((item) => item.version === version)) / total) * 100)
}
