import type { WatchedParts, Watching } from '../watched/parts.js'
import { idleInTransactionCheck, slowQueriesCheck } from './activity.js'
import { cancelAction, terminateAction, terminateIdleAction } from './backends.js'
import { connectionsCheck } from './connections.js'
import { integrityCheck, invariantsCheck } from './integrity.js'
import { locksCheck } from './locks.js'
import { reachableCheck } from './reachable.js'
import { replicaLagCheck } from './replicas.js'
import { spaceCheck } from './space.js'

/** Looks into databases of services with a role that reads, and ends sessions with one that may. */
export const createPostgres = (parts: WatchedParts): Watching => ({
  checks: [
    reachableCheck(parts),
    locksCheck(parts),
    slowQueriesCheck(parts),
    connectionsCheck(parts),
    idleInTransactionCheck(parts),
    replicaLagCheck(parts),
    spaceCheck(parts),
    integrityCheck(parts),
    invariantsCheck(parts),
  ],
  actions: [cancelAction(parts), terminateAction(parts), terminateIdleAction(parts)],
})
