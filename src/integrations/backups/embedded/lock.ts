import { createHash } from 'node:crypto'
import type { EngineContext } from '../../../backups/engine.js'
import { failed } from '../../../errors.js'
import { openSession, type Session } from '../../postgres/session.js'

export type BackupLock = { database: string; url: string; slot: string; waitMs: number }

/**
 * One backup of a database at a time. The lock is a session’s on the server itself, so that whoever is killed has let go of
 * it as soon as the server notices, and nobody has to guess whether a lock file is stale.
 */
export async function withLock<T>(
  { database, url, slot, waitMs }: BackupLock,
  { signal, clock }: EngineContext,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(database, { url }, { signal, connectWithinMs: 5_000 })
  try {
    const until = clock.now().getTime() + waitMs
    while (!(await tried(session, slot))) {
      signal.throwIfAborted()
      if (clock.now().getTime() > until)
        throw failed('backup-busy', `a backup of ${database} is being taken already`, {
          transient: true,
          came: `its lock is held since at least ${Math.round(waitMs / 1000)} s`,
          next: 'Wait until it ends, or stop it.',
        })
      await clock.sleep(200, signal)
    }
    return await work(session)
  } finally {
    await session.end()
  }
}

async function tried(session: Session, slot: string): Promise<boolean> {
  const key = createHash('sha256').update(`shipmate backup ${slot}`).digest().readBigInt64BE(0)
  const [row] = await session.rows<{ got: boolean }>('select pg_try_advisory_lock($1::bigint) as got', [String(key)])
  return row?.got ?? false
}
