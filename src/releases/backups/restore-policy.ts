import type { RestoreInFile } from '../sections/restores.js'
import type { OperatorCommand } from '../watch.js'

/** How restored data of a database goes live, from the operator's file. */
export type RestorePolicy = {
  /** A reference; null: the operator of the database. */
  admin: string | null
  swap: SwapSettings
  pause: PauseSettings
}

export type SwapSettings =
  | { driver: 'folder'; data: string; stop: OperatorCommand; start: OperatorCommand }
  | { driver: 'database'; bin: string | null }

export type PauseSettings =
  | { driver: 'pgbouncer'; admin: string; database: string | null; within: number }
  | {
      driver: 'commands'
      close: OperatorCommand
      readOnly: OperatorCommand | null
      canary: OperatorCommand | null
      open: OperatorCommand
    }
  | { driver: 'server' }

export function restorePolicyFrom({ admin, swap, pause }: RestoreInFile): RestorePolicy {
  return { admin: admin ?? null, swap: swapFrom(swap), pause: pauseFrom(pause) }
}

function swapFrom({ folder, database }: RestoreInFile['swap']): SwapSettings {
  return folder ? { driver: 'folder', ...folder } : { driver: 'database', bin: database?.bin ?? null }
}

function pauseFrom({ pgbouncer, commands }: RestoreInFile['pause']): PauseSettings {
  if (pgbouncer) return { driver: 'pgbouncer', ...pgbouncer, database: pgbouncer.database ?? null }
  if (!commands) return { driver: 'server' }
  const { close, readOnly = null, canary = null, open } = commands
  return { driver: 'commands', close, readOnly, canary, open }
}

/** What the swap takes back besides what was asked for, for people who decide. */
export const swapWords = ({ swap }: RestorePolicy, database: string): string =>
  swap.driver === 'folder'
    ? `the whole server goes back, every database of it, not only ${database}`
    : `only the database ${database} goes back`

/** In which steps the application comes back; what is left out cannot be done this way. */
export function stagesOf({ pause }: RestorePolicy): ('read-only' | 'canary')[] {
  if (pause.driver !== 'commands') return ['read-only']
  return [...(pause.readOnly ? (['read-only'] as const) : []), ...(pause.canary ? (['canary'] as const) : [])]
}

export function pauseWords({ pause }: RestorePolicy): string {
  if (pause.driver === 'pgbouncer') return 'PgBouncer holds the application back; no share of it can go first'
  if (pause.driver === 'server') return 'the server lets nobody in meanwhile; no share of the visitors can go first'
  const missing = [pause.readOnly ? null : 'read-only', pause.canary ? null : 'for a share of the visitors'].flatMap(
    (one) => one ?? [],
  )
  return missing.length === 0
    ? 'commands of the operator’s file pause the application'
    : `commands of the operator’s file pause the application; none lets it in ${missing.join(' or ')}`
}
