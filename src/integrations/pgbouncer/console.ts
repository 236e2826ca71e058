import pg from 'pg'
import { z } from 'zod'
import { failed, ShipmateError } from '../../errors.js'
import { masked } from '../../log.js'

/** The console speaks the simple protocol only, and its columns change with its version: they are read by name. */
const databases = z.array(z.looseObject({ name: z.string(), paused: z.coerce.number() }))

export type Console = {
  /** Null: PgBouncer knows no such database. */
  paused(database: string): Promise<boolean | null>
  /** One of its own commands on a database. */
  tell(command: 'PAUSE' | 'RESUME' | 'RECONNECT', database: string): Promise<void>
}

/** Opens the console, uses it and closes it; aborted, whatever it waits for ends. */
export async function inConsole<T>(
  url: string,
  { signal, withinMs }: { signal: AbortSignal; withinMs: number },
  use: (console: Console) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: withinMs })
  client.on('error', () => {})
  const stop = () => void client.end().catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    await client.connect()
    return await use({
      paused: async (database) => {
        const { rows } = await client.query('SHOW DATABASES')
        const found = databases.parse(rows).find(({ name }) => name === database)
        return found ? found.paused > 0 : null
      },
      tell: async (command, database) => {
        await client.query(`${command} "${database.replaceAll('"', '""')}"`)
      },
    })
  } catch (thrown) {
    if (thrown instanceof ShipmateError) throw thrown
    if (signal.aborted) throw new ShipmateError('stopped', 'look-stopped', 'what PgBouncer was told was broken off')
    throw failed('pgbouncer-failed', 'PgBouncer did not do what it was told', {
      came: masked(thrown instanceof Error ? thrown.message : String(thrown)),
      next: 'Look whether it runs, and whether the user is among its admin_users.',
      cause: thrown,
    })
  } finally {
    signal.removeEventListener('abort', stop)
    await client.end().catch(() => {})
  }
}
