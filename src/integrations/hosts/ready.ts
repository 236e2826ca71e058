import type { z } from 'zod'
import { type Check, type CheckResult, defineCheck, type StepContext } from '../../runs/abilities.js'
import { type ClientsOf, type HostsClients, hostNamed } from './clients.js'
import { type InstanceRef, type PlaceInput, readyInput } from './inputs.js'
import { instancesOf, type LocatedInstance } from './look.js'
import { seconds } from './words.js'

/** An instance that has fallen so often does not become ready any more. */
const hopeless = 3
const lookEvery = 100

/** Waits until all instances say they are ready; fails when the time is over, or at once when one keeps falling. */
export const readyCheck = (clientsOf: ClientsOf): Check =>
  defineCheck<z.infer<typeof readyInput>>({
    name: 'hosts.ready',
    input: readyInput,
    run: async (input, context) => becameReady(await clientsOf(input.target), input, context),
  })

export async function becameReady(
  clients: HostsClients,
  input: z.infer<typeof readyInput>,
  context: StepContext,
): Promise<CheckResult> {
  const began = context.clock.now().getTime()
  const total = input.instances.length
  for (;;) {
    const waiting = await notReady(clients, input, input.instances, context.signal)
    const took = context.clock.now().getTime() - began
    if (waiting.length === 0) return { outcome: 'pass', summary: `${total} of ${total} ready after ${seconds(took)}` }
    const text = `${total - waiting.length} of ${total} ready; ${reasonOf(waiting)}`
    if (took >= input.within || waiting.some(({ restarts }) => restarts >= hopeless))
      return {
        outcome: 'fail',
        summary: `${text} (waited ${seconds(took)})`,
        ...(await logOf(clients, waiting, context)),
      }
    context.progress({ done: total - waiting.length, total, text })
    await context.clock.sleep(lookEvery, context.signal)
    context.signal.throwIfAborted()
  }
}

type Waiting = InstanceRef & { reason: string; restarts: number }

async function notReady(clients: HostsClients, place: PlaceInput, wanted: InstanceRef[], signal: AbortSignal) {
  const found = await instancesOf(clients, place, signal)
  return wanted.flatMap((ref): Waiting[] => {
    const instance = found.find(({ id, host }) => id === ref.id && host === ref.host)
    return instance?.ready ? [] : [{ ...ref, reason: problemOf(instance), restarts: instance?.restarts ?? 0 }]
  })
}

function problemOf(instance: LocatedInstance | undefined): string {
  if (instance === undefined) return 'it does not run there'
  const reason = instance.reason ?? instance.state
  return instance.restarts > 0 ? `${reason}, started again ${instance.restarts} ×` : reason
}

const reasonOf = ([first]: Waiting[]) => (first ? `${first.host}: ${first.reason}` : '')

/** The last lines of the first instance that is not ready, for the thread. */
async function logOf(
  clients: HostsClients,
  [first]: Waiting[],
  { signal }: StepContext,
): Promise<Partial<Pick<CheckResult, 'next' | 'details'>>> {
  if (first === undefined) return {}
  const next = `Read the log of ${first.id} on ${first.host}.`
  try {
    const log = await hostNamed(clients, first.host).text(`/instances/${first.id}/log?tail=12`, { signal })
    return { next, details: { instance: first.id, log } }
  } catch {
    return { next, details: { instance: first.id } }
  }
}
