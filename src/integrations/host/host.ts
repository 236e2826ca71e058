import type { HostsDriver } from '../hosts/target.js'
import type { WatchedParts, Watching } from '../watched/parts.js'
import { cleanAction } from './clean.js'
import { hostChecks } from './host-checks.js'
import { restartAction } from './restart.js'
import { type LocalMachine, localMachine } from './vitals.js'

/** The machines that services run on: how they are, cleaning them up, and starting instances again. */
export const createHost = (
  parts: WatchedParts,
  hosts: Pick<HostsDriver, 'actions'>,
  local: LocalMachine = localMachine,
): Watching => ({
  checks: hostChecks(parts, local),
  actions: [cleanAction(parts), restartAction(parts, hosts)],
})
