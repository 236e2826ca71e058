import type { Act, Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import { environmentOf, placedIn } from '../../releases/catalogue.js'
import { denied } from '../../releases/permission.js'
import { tick } from '../routines/acting.js'
import { handOver } from './handing-over.js'
import { lock, type Places, unlock } from './locking.js'
import { type DeskParts, refusal, standingOf } from './parts.js'
import { unknownRun, viewOf } from './queries.js'
import { token } from './token.js'
import { cancel } from './turning.js'

/** Acts that start no run: locks, tokens, stopping. */
export async function act(parts: DeskParts, wanted: Act, asker: Asker): Promise<Reply> {
  if (wanted.name === 'cancel') return cancelled(parts, wanted.run, wanted.reason, asker)
  const standing = await standingOf(parts, asker)
  if (wanted.name === 'token') return token(parts, wanted, standing, asker)
  if (wanted.name === 'routine') return tick(parts, wanted, standing, asker)
  const environment = environmentOf(parts.catalogue, wanted.environment)
  if (!environment) return { kind: 'said', text: `There is no environment ${wanted.environment}.` }
  const denial = denied('lock', environment, standing, parts.clock.now())
  if (denial) return refusal(denial)
  const services = wanted.service ? [wanted.service] : placedIn(parts.catalogue, wanted.environment)
  const places: Places = { environment, services, named: wanted.service ?? null }
  if (services.length === 0)
    return { kind: 'said', text: `Nothing runs in ${environment.name}, so there is nothing to lock.` }
  if (wanted.name === 'lock') return lock(parts, places, wanted, standing, asker)
  if (wanted.name === 'unlock') return unlock(parts, places, wanted.reason, standing, asker)
  return handOver(parts, places, wanted.to, standing, asker)
}

async function cancelled(parts: DeskParts, run: number, reason: string, asker: Asker): Promise<Reply> {
  const view = await viewOf(parts, run, asker)
  return view ? cancel(parts, view.run, reason, asker) : refusal(unknownRun(run))
}
