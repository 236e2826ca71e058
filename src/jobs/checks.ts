import { z } from 'zod'
import type { Placement } from '../releases/catalogue.js'
import { heldByHand, shownLock } from '../releases/locks.js'
import { type Check, defineCheck } from '../runs/abilities.js'
import type { LockDesk, RunDesk } from '../runs/ports.js'
import { hasEnded } from '../runs/run.js'
import type { Facts } from './facts.js'
import { underGlass } from './glass.js'

/** The checks of plans that look at our own rows and at targets in general; drivers bring their own. */
export function ownChecks(ports: {
  locks: Pick<LockDesk, 'holders'>
  runs: Pick<RunDesk, 'view' | 'list'>
  target: Facts['target']
}): Check[] {
  return [unlocked(ports.locks), serving(ports.target), runEnded(ports.runs), underGlass(ports.runs)]
}

const unlocked = (locks: Pick<LockDesk, 'holders'>) =>
  defineCheck({
    name: 'jobs.unlocked',
    input: z.object({ resource: z.string() }),
    async run({ resource }, { clock }) {
      const lock = heldByHand(await locks.holders(), resource, clock.now())
      const [service, environment] = resource.split('/')
      if (!lock) return { outcome: 'pass', summary: 'not locked' }
      return {
        outcome: 'fail',
        summary: `${environment} is locked by ${shownLock(lock, clock.now())}`,
        details: { by: lock.by.id, since: lock.since.toISOString(), reason: lock.reason },
        next: `Ask ${lock.by.name}, or: /ops unlock ${service} ${environment} because …`,
      }
    },
  })

const place = z.custom<Placement>((value) => typeof value === 'object' && value !== null && 'target' in value)

const serving = (target: Facts['target']) =>
  defineCheck({
    name: 'jobs.serving',
    input: z.object({ place, version: z.string().nullable() }),
    async run({ place, version }) {
      const state = await target(place.target).look(place)
      const found = state.serving ?? 'nothing'
      if (state.serving === version) return { outcome: 'pass', summary: `${found} serves`, value: found }
      return {
        outcome: 'fail',
        summary: `${found} serves, not ${version ?? 'nothing'}`,
        value: found,
        limit: version ?? 'nothing',
        next: 'Something changed meanwhile. Ask again for a plan that starts from what serves now.',
      }
    },
  })

/** What became of a run that a guide began: done is a pass, any other end is none, and until then it is looked at again. */
const runEnded = (runs: Pick<RunDesk, 'view'>) =>
  defineCheck({
    name: 'run.ended',
    input: z.object({ run: z.number().int() }),
    async run({ run }) {
      const view = await runs.view(run)
      if (!view) return { outcome: 'error', summary: `#${run} is not known`, final: true }
      const { state, reason } = view.run
      const output = { run, state }
      if (!hasEnded(state)) return { outcome: 'fail', summary: `#${run} is ${state}`, output }
      if (state === 'done') return { outcome: 'pass', summary: `#${run} is done`, output }
      const why = reason ? `: ${reason.text}` : ''
      return {
        outcome: 'fail',
        summary: `#${run} ended ${state}${why}`,
        output,
        final: true,
        ...(reason?.next && { next: reason.next }),
      }
    },
  })
