import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { silentLog } from '../../../src/log.js'
import { startEmbeddedPostgres } from '../../../src/store/embedded.js'
import { migrate } from '../../../src/store/migrate.js'

export type BenchDatabase = {
  url: string
  one(sql: string): Promise<number>
  stop(): Promise<void>
}

/** A migrated PostgreSQL of its own, with a server's usual promises about the disk. */
export async function benchDatabase(): Promise<BenchDatabase> {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-bench-'))
  const server = await startEmbeddedPostgres({ dir, log: silentLog })
  await migrate(server.url, silentLog)
  const client = new pg.Client({ connectionString: server.url })
  client.on('error', () => {})
  await client.connect()
  const stop = async () => {
    await client.end()
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  // The server would outlive a benchmark that is broken off.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(1)))
  return {
    url: server.url,
    one: async (sql) => Number(Object.values((await client.query(sql)).rows[0] ?? {})[0]),
    stop,
  }
}
