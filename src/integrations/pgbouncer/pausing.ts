import type { EngineContext } from '../../backups/engine.js'
import type { Opening, Pausing } from '../../backups/swap.js'
import { failed } from '../../errors.js'
import { type Console, inConsole } from './console.js'

export type PgBouncerAt = {
  /** Its console: a connection string to the database `pgbouncer`, as one of its admin_users. */
  admin(): Promise<string>
  /** As PgBouncer calls it. */
  database: string
  /** How long sessions get to end what they do before the pause is given up; milliseconds. */
  within: number
  /** Whether sessions of the server begin reading only. */
  readOnly(on: boolean, context: EngineContext): Promise<void>
}

/**
 * PgBouncer holds its clients back: they wait and lose nothing. Once it is let go, sessions that were open towards the
 * server begin again, so that they read what the server says now.
 */
export function createPgBouncerPausing({ admin, database, within, readOnly }: PgBouncerAt): Pausing {
  const told = async <T>({ signal }: EngineContext, use: (console: Console) => Promise<T>) =>
    inConsole(await admin(), { signal, withinMs: within }, use)
  return {
    name: 'pgbouncer',
    ready: (context) =>
      told(context, async (console) => {
        if ((await console.paused(database)) === null) throw unknown(database)
        return { summary: `PgBouncer knows ${database}` }
      }),
    close: (context) =>
      told(context, async (console) => {
        const paused = await console.paused(database)
        if (paused === null) throw unknown(database)
        if (!paused) await console.tell('PAUSE', database)
        return { summary: paused ? 'it was paused already' : 'its clients wait' }
      }),
    closeRestored: async () => {},
    open: async (how, context) => {
      await readOnly(how !== 'all', context)
      return told(context, (console) => letGo(console, database, how))
    },
  }
}

async function letGo(console: Console, database: string, how: Opening) {
  if (await console.paused(database)) await console.tell('RESUME', database)
  await console.tell('RECONNECT', database)
  return { summary: how === 'all' ? 'its clients read and write' : 'its clients read, and write nothing' }
}

const unknown = (database: string) =>
  failed('pgbouncer-database-unknown', `PgBouncer knows no database ${database}`, {
    wanted: database,
    came: 'SHOW DATABASES does not list it',
    next: 'Name it as PgBouncer does: restore.pause.pgbouncer.database in the operator’s file.',
  })
