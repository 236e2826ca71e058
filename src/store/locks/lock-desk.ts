import type { JsonObject } from '../../json.js'
import type { LockAct, LockDesk, LocksAfter } from '../../runs/ports.js'
import type { Actor } from '../../runs/run.js'
import type { Database } from '../database.js'
import { auditText, type LockRow, lockHolder, toJson, wordsHash } from '../rows.js'

/** Locks people hold by hand, in the same rows that runs lock: one holder each, whoever it is. */
export function createLockDesk(database: Database): LockDesk {
  return {
    hold: async ({ resources, environment, by, reason, at, expires }) => {
      const subject = { resources, expires: expires?.toISOString() ?? null, ...wordsHash(reason) }
      const rows = await database.query<LockRow>('select * from shipmate.hold_locks($1, $2, $3, $4, $5, $6, $7)', [
        resources,
        environment,
        toJson(by),
        reason,
        at,
        expires,
        entryOf(by, 'held a lock', subject, at),
      ])
      const locks = rows.map(lockHolder)
      const inTheWay = locks.filter(({ run, by: holder }) => run !== null || holder.id !== by.id)
      return inTheWay.length > 0 ? { ok: false, inTheWay } : { ok: true, locks }
    },
    letGo: (act) => {
      const subject = { ...subjectOf(act), ...wordsHash(act.reason) }
      return changed(database, 'select gone, (lock).* from shipmate.let_go_locks($1, $2, $3, $4, $5, $6)', [
        act.resources,
        toJson(act.holders),
        toJson(act.by),
        act.reason,
        act.at,
        entryOf(act.by, 'let go of a lock', subject, act.at),
      ])
    },
    handOver: (act) => {
      const subject = { ...subjectOf(act), to: act.to.id }
      return changed(database, 'select gone, (lock).* from shipmate.hand_over_locks($1, $2, $3, $4, $5, $6)', [
        act.resources,
        toJson(act.holders),
        toJson(act.by),
        toJson(act.to),
        act.at,
        entryOf(act.by, 'handed over a lock', subject, act.at),
      ])
    },
    holders: async () =>
      (await database.query<LockRow>('select * from shipmate.locks order by resource')).map(lockHolder),
    tend: async (at) => {
      const [row] = await database.query<{ next: Date | null }>('select shipmate.tend_locks($1) as next', [at])
      return row?.next ?? null
    },
  }
}

async function changed(database: Database, query: string, values: unknown[]): Promise<LocksAfter> {
  const rows = await database.query<LockRow & { gone: boolean }>(query, values)
  const inTheWay = rows.filter(({ gone }) => !gone).map(lockHolder)
  return inTheWay.length > 0 ? { ok: false, inTheWay } : { ok: true, locks: rows.map(lockHolder) }
}

const entryOf = (actor: Actor, act: string, subject: JsonObject, at: Date) => auditText({ actor, act, subject }, at)

const subjectOf = ({ resources, holders }: LockAct): JsonObject => ({
  resources,
  holders: [...new Set(Object.values(holders))].sort(),
})
