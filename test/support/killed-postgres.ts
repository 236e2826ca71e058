import { join } from 'node:path'
import { silentLog } from '../../src/log.js'
import { isAlive, runningPostmaster } from '../../src/store/embedded/postmaster.js'
import { waitFor } from './wait-for.js'

/** `kill -9` of the embedded PostgreSQL in that folder, whose sessions end with it. */
export async function killEmbeddedPostgres(dir: string): Promise<void> {
  const server = runningPostmaster(join(dir, 'data'), silentLog)
  if (!server) throw new Error(`no PostgreSQL runs in ${dir}`)
  process.kill(server.pid, 'SIGKILL')
  await waitFor('PostgreSQL is gone', () => !isAlive(server.pid))
}
