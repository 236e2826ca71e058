import type { z } from 'zod'
import { failed } from '../../errors.js'
import { type Action, defineAction, type StepContext } from '../../runs/abilities.js'
import { byHandKey } from './by-hand.js'
import {
  announceTo,
  type ClientsOf,
  fenced,
  type HostsClients,
  orderOf,
  type Route,
  routeSchema,
  scopeOf,
} from './clients.js'
import { shiftInput, type UpstreamRef } from './inputs.js'
import { instancesOf, routeOf } from './look.js'
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
      refuseAgainstHand(await routeOf(clients, input, context.signal), input, context)
      const body = { ...orderOf(context), upstreams }
      const path = `/routes/${scopeOf(input)}`
      await fenced(clients.proxy.put(path, body, routeSchema, { signal: context.signal }))
      const share = shareOf(upstreams, input.version)
      const text = input.version === null ? 'no traffic' : `${share} % on ${input.version}`
      context.progress({ done: share, total: 100, text })
      return { evidence: { summary: text, details: { route: upstreams } }, output: { share } }
    },
  })

/**
 * Somebody went back by hand, over this run's own order or since it was planned: a shift that was cut off, or that comes
 * next, must not take that from them. Undoing may go on, since it brings back what gets traffic already.
 */
function refuseAgainstHand({ order, upstreams }: Route, { version, all, byHand }: ShiftInput, { run }: StepContext) {
  if (order?.key !== byHandKey) return
  const overOwn = order.over?.startsWith(`${run}/`) ?? false
  if (!overOwn && (byHand || !all)) return
  if (upstreams.some((one) => one.version === version && one.weight > 0)) return
  const since = overOwn ? 'after this run had moved it' : 'since this was planned'
  throw failed('moved-by-hand', `the traffic was moved by somebody else: by hand, ${since}`, {
    wanted: `traffic to ${version ?? 'nobody'}`,
    came: `all of it on ${[...new Set(upstreams.map((one) => one.version))].join(' and ') || 'nobody'}, put there by hand`,
    next: 'Ask who moved it. Deploy again when all agree.',
  })
}

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
