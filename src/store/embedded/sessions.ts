import { asShipmateError } from '../../errors.js'
import { silentLog } from '../../log.js'
import { openDatabase } from '../database.js'

/** What of Shipmate is connected to its database now, by the names of its sessions; null when no server answers there. */
export async function shipmateSessions(url: string): Promise<string[] | null> {
  const database = openDatabase({ url, name: 'restore-self', role: null }, silentLog, 1)
  try {
    const rows = await database.query<{ name: string }>(
      `select distinct application_name as name from pg_stat_activity
       where application_name ~ '^shipmate( |$)' and datname = current_database() order by 1`,
    )
    return rows.map(({ name }) => name)
  } catch (thrown) {
    const { code } = asShipmateError(thrown)
    // A database that is not there, or whose files are damaged, has nobody in it.
    if (code === 'database-unreachable' || code === 'database-error' || code === 'database-slow') return null
    throw thrown
  } finally {
    await database.close()
  }
}
