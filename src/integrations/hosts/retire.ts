import { z } from 'zod'
import { failed } from '../../errors.js'
import { type Action, defineAction, type StepContext } from '../../runs/abilities.js'
import { announceTo, type ClientsOf, fenced, type HostsClients, hostNamed, orderOf } from './clients.js'
import { retireInput } from './inputs.js'
import { routeOf } from './look.js'
import { counted, seconds } from './words.js'

type RetireInput = z.infer<typeof retireInput>

const stoppedSchema = z.object({ was: z.enum(['running', 'absent']), killed: z.boolean() })
const lookEvery = 50
/** For a process to end by itself once nobody asks it any more. */
const graceMs = 5000

/** Stops instances that get no new traffic, once they have answered what was under way or the drain time is over. */
export const retireAction = (name: 'hosts.stop' | 'hosts.retire', clientsOf: ClientsOf): Action =>
  defineAction<RetireInput>({
    name,
    input: retireInput,
    fence: 'generation',
    async announce(input, context) {
      const clients = await clientsOf(input.target)
      const hosts = [...new Set(input.instances.map(({ host }) => host))]
      await Promise.all(hosts.map((host) => announceTo(hostNamed(clients, host), input, context)))
    },
    async run(input, context) {
      const clients = await clientsOf(input.target)
      const cut = await drained(clients, input, context)
      const answers = await Promise.all(
        input.instances.map(({ id, host }) => {
          const body = { ...orderOf(context), graceMs }
          const options = { signal: context.signal, timeoutMs: graceMs + 10_000 }
          return fenced(hostNamed(clients, host).delete(`/instances/${id}`, body, stoppedSchema, options))
        }),
      )
      const stopped = answers.filter(({ was }) => was === 'running').length
      const killed = answers.filter((answer) => answer.killed).length
      return { evidence: { summary: summaryOf(input, stopped, cut), details: { stopped, killed, cut } } }
    },
  })

/** How many requests were still under way when the drain time was over. */
async function drained(clients: HostsClients, input: RetireInput, context: StepContext): Promise<number> {
  const ids = new Set(input.instances.map(({ id }) => id))
  const until = context.clock.now().getTime() + input.drain
  for (;;) {
    const { upstreams, draining } = await routeOf(clients, input, context.signal)
    const serving = upstreams.filter(({ id, weight }) => ids.has(id) && weight > 0)
    if (serving.length > 0) throw stillServing(serving.map(({ id }) => id))
    const underWay = [...upstreams, ...draining]
      .filter(({ id }) => ids.has(id))
      .reduce((sum, { inFlight }) => sum + inFlight, 0)
    if (underWay === 0 || context.clock.now().getTime() >= until) return underWay
    context.progress({ done: 0, total: 0, text: `${counted(underWay, 'request')} still under way` })
    await context.clock.sleep(lookEvery, context.signal)
    context.signal.throwIfAborted()
  }
}

const stillServing = (ids: string[]) =>
  failed('instance-serves', `${ids.join(', ')} still ${ids.length === 1 ? 'gets' : 'get'} traffic`, {
    wanted: 'instances without traffic',
    came: 'a route that leads to them',
    next: 'Move the traffic away first; nothing was stopped.',
  })

function summaryOf({ instances, drain }: RetireInput, stopped: number, cut: number): string {
  if (stopped === 0) return 'was not running any more'
  const end = cut === 0 ? 'nothing was cut off' : `${counted(cut, 'request')} cut off after ${seconds(drain)}`
  return stopped === instances.length ? end : `${stopped} of ${instances.length} were still running, ${end}`
}
