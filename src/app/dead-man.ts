import { resolveSecret } from '../config.js'
import { createDeadMan, type DeadMan } from '../integrations/dead-man.js'
import type { Store } from '../store/connect.js'
import type { AppParts, Closing } from './parts.js'

/** Says outside that Shipmate can work, for as long as it can; null when the operator's file names no address. */
export async function startDeadMan(
  { catalogue, env, clock, log }: AppParts,
  { vitalSigns: look, leadership }: Store,
  opened: Closing[],
): Promise<DeadMan | null> {
  if (!catalogue.deadMan) return null
  const url = await resolveSecret(catalogue.deadMan.url, env)
  const deadMan = createDeadMan({ ...catalogue.deadMan, url, look, leadership, clock, log })
  const stopping = new AbortController()
  const calling = deadMan.run(stopping.signal)
  opened.push(async () => {
    stopping.abort()
    await calling
  })
  return deadMan
}
