import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { failed, ShipmateError } from '../../src/errors.js'
import type { HostsDriver } from '../../src/integrations/hosts/target.js'
import { defineAction, type StepContext } from '../../src/runs/abilities.js'
import type { DoStep } from '../../src/runs/step.js'

/** What was done to a place, in the order in which the place saw it. */
export type FloorAct = {
  place: string
  run: number
  step: string
  epoch: number
  outcome: 'done' | 'again' | 'refused'
}

export type Floor = {
  url: string
  /** All acts so far. */
  acts: FloorAct[]
  /** Of so many acts one is answered with an error and not done; 0 for none. */
  failOneOf(count: number): void
  close(): Promise<void>
}

/** Without a key nothing is done: a generation is announced. */
type Asked = Omit<FloorAct, 'outcome'> & { key: string | null }

/** Places that compare generations and know keys, as hosts do, and write down every act; Shipmate's processes die beside it. */
export async function openFloor(): Promise<Floor> {
  const acts: FloorAct[] = []
  const keys = new Set<string>()
  const highest = new Map<string, number>()
  let oneOf = 0

  function act({ key, ...asked }: Asked): FloorAct['outcome'] {
    const refused = asked.epoch < (highest.get(asked.place) ?? 0)
    const outcome = refused ? 'refused' : key !== null && keys.has(key) ? 'again' : 'done'
    if (!refused) highest.set(asked.place, asked.epoch)
    if (key === null) return outcome
    if (outcome === 'done') keys.add(key)
    acts.push({ ...asked, outcome })
    return outcome
  }

  const server = createServer((request, response) => void answered(request, response))
  async function answered(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const bytes of request) body += bytes
    const fails = oneOf > 0 && Math.random() < 1 / oneOf
    response.statusCode = fails ? 500 : 200
    response.end(JSON.stringify({ outcome: fails ? 'failed' : act(JSON.parse(body)) }))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acts,
    failOneOf: (count) => {
      oneOf = count
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const parts = ['prepare', 'start', 'move', 'retire']

/** Carries out every change as four acts on the floor, each with an undo; they take a moment before and after. */
export function stormDriver(floorUrl: string, stepMs: number): HostsDriver {
  const act = defineAction({
    name: 'storm.act',
    input: z.object({ place: z.string() }),
    fence: 'generation',
    announce: async ({ place }, context) => {
      await asked(floorUrl, { ...context, place, step: '', key: null })
    },
    run: async ({ place }, context) => {
      await pause(Math.random() * stepMs, undefined, { signal: context.signal })
      const outcome = await asked(floorUrl, { ...context, place })
      await pause(Math.random() * stepMs, undefined, { signal: context.signal })
      return { evidence: { summary: outcome } }
    },
  })
  return {
    target: {
      look: async () => ({ serving: null, instances: [] }),
      byHand: () => [],
      steps: ({ place }) => parts.map((key) => partOf(key, `${place.service}/${place.environment}`)),
    },
    checks: [],
    actions: [act],
  }
}

const partOf = (key: string, place: string): DoStep => {
  const timeout = 30_000
  const what = { action: 'storm.act', with: { place } }
  return {
    key,
    title: key,
    verb: 'do',
    ...what,
    timeout,
    onFailure: 'undo',
    undo: { title: `undo ${key}`, ...what, timeout },
  }
}

type Asking = Pick<StepContext, 'run' | 'step' | 'epoch' | 'signal'> & { place: string; key: string | null }

async function asked(url: string, { place, run, step, epoch, key, signal }: Asking): Promise<string> {
  const body = JSON.stringify({ place, run, step, epoch, key })
  const response = await fetch(url, { method: 'POST', body, signal })
  const { outcome } = (await response.json()) as { outcome: string }
  if (outcome === 'failed') throw failed('storm', 'the floor did not do it')
  if (outcome === 'refused') throw new ShipmateError('lost', 'fenced', 'the floor knows a newer generation')
  return outcome
}
