import { isAlive } from '../processes.js'
import { probe, textField } from './probe.js'
import type { InstanceRecord } from './state.js'

/** How an instance is right now. */
export type InstanceHealth = { state: 'starting' | 'ready' | 'unready' | 'stopping' | 'crashed'; reason: string | null }

/** Looks at the process, at who answers on its port, and at what it says of itself. */
export async function healthOf(instance: InstanceRecord): Promise<InstanceHealth> {
  const { process, port, mark, wanted } = instance
  if (process === null || !isAlive(process)) return { state: 'crashed', reason: 'the process is not running' }
  if (wanted === 'stopped') return { state: 'stopping', reason: null }
  const [version, ready] = await Promise.all([probe(port, '/version'), probe(port, '/readyz')])
  if (version === null || ready === null) return { state: 'starting', reason: 'it does not listen yet' }
  if (textField(version.body, 'instance') !== mark)
    return { state: 'starting', reason: `another process answers on port ${port}` }
  if (ready.status === 200) return { state: 'ready', reason: null }
  return { state: 'unready', reason: textField(ready.body, 'reason') ?? `readyz answered ${ready.status}` }
}
