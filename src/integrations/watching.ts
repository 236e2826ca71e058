import type { Clock } from '../clock.js'
import type { Clue } from '../incidents/clues.js'
import { createClues } from './clues/clues.js'
import { createCommands } from './commands/commands.js'
import { createEdge } from './external/edge.js'
import { createExternal } from './external/external.js'
import { createHost } from './host/host.js'
import type { HostsDriver } from './hosts/target.js'
import { createLogs } from './logs/logs.js'
import { createPostgres } from './postgres/postgres.js'
import { createProbes } from './probes/probes.js'
import { createPrometheus } from './prometheus/prometheus.js'
import { createRedis } from './redis/redis.js'
import type { WatchedParts, Watching } from './watched/parts.js'

/** Everything that looks at the world and repairs it, as the operator's file names it, and the clues made of it. */
export function createWatching(
  parts: WatchedParts & { clock: Clock; hosts: Pick<HostsDriver, 'actions'> },
): Watching & { clues: Clue[] } {
  const systems = [
    createProbes(parts),
    createPrometheus(parts),
    createPostgres(parts),
    createRedis(parts),
    createHost(parts, parts.hosts),
    createLogs(parts),
    createExternal(parts),
    createEdge(parts),
  ]
  const checks = systems.flatMap((system) => system.checks)
  const commands = createCommands(parts, checks)
  const actions = [...systems, commands].flatMap((system) => system.actions)
  return { checks, actions, clues: createClues({ ...parts, checks }) }
}
