import { refused } from '../errors.js'
import type { LockDesk } from '../runs/ports.js'
import type { Database } from './database.js'
import { auditText, type LockRow, lockHolder, toJson, wordsHash } from './rows.js'

/** Locks people hold by hand, in the same rows that runs lock: one holder each, whoever it is. */
export function createLockDesk(database: Database): LockDesk {
  return {
    hold: async (resource, by, reason, at, expires) => {
      const subject = { resource, expires: expires?.toISOString() ?? null, ...wordsHash(reason) }
      const entry = auditText({ actor: by, act: 'held a lock', subject }, at)
      const [row] = await database.query<LockRow>('select * from shipmate.hold_lock($1, $2, $3, $4, $5, $6)', [
        resource,
        toJson(by),
        reason,
        at,
        expires,
        entry,
      ])
      if (!row) throw new Error(`nobody holds ${resource} after it was taken`)
      return lockHolder(row)
    },
    letGo: async (resource, by, at) => {
      const entry = auditText({ actor: by, act: 'let go of a lock', subject: { resource } }, at)
      const [row] = await database.query<LockRow>('select * from shipmate.let_go_lock($1, $2, $3)', [
        resource,
        at,
        entry,
      ])
      if (row?.run) throw heldByRun(resource, row.run)
      return row ? lockHolder(row) : null
    },
    holders: async () =>
      (await database.query<LockRow>('select * from shipmate.locks order by resource')).map(lockHolder),
  }
}

function heldByRun(resource: string, run: number) {
  return refused('lock-of-run', `${resource} is locked by run #${run}, which is still moving`, {
    wanted: 'a lock held by hand',
    came: `a lock of run #${run}`,
    next: `Cancel #${run}, or wait for it: it lets go when it ends.`,
  })
}
