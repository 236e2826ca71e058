import { z } from 'zod'
import type { Check, CheckResult } from '../../runs/abilities.js'
import { at } from '../watched/inputs.js'
import type { WatchedParts } from '../watched/parts.js'
import { bytes, counted, secondsShown } from '../watched/words.js'
import type { Sql } from './connection.js'
import { databaseCheck } from './database-check.js'

const input = z.object({ ...at, maxSeconds: z.coerce.number().positive().default(30) })
const number = z.coerce.number().nullable()

const replicaRow = z.object({ name: z.string(), state: z.string().nullable(), seconds: number, behind: number })
const slotRow = z.object({ name: z.string(), active: z.boolean(), status: z.string().nullable(), kept: number })
export type Replica = z.infer<typeof replicaRow>
export type Slot = z.infer<typeof slotRow>

/** How far replicas are behind; asked on the primary, or of a replica about itself. */
export const replicaLagCheck = (parts: WatchedParts): Check =>
  databaseCheck(parts, 'postgres.replica-lag', input, async (sql, { maxSeconds }) => {
    const [self] = await sql(`select pg_is_in_recovery() as replica`, z.object({ replica: z.boolean() }))
    if (self?.replica) return lagVerdict(await ownLag(sql), [], maxSeconds)
    const [replicas, slots] = [await sql(replicasText, replicaRow), await sql(slotsText, slotRow)]
    return lagVerdict(replicas, slots, maxSeconds)
  })

const replicasText = `
  select coalesce(nullif(application_name, ''), host(client_addr), 'replica') as name, state,
    extract(epoch from replay_lag) as seconds,
    pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(replay_lsn, flush_lsn, sent_lsn)) as behind
  from pg_stat_replication where state is distinct from 'backup' order by behind desc nulls first`

const slotsText = `
  select slot_name as name, active, wal_status as status,
    pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) as kept
  from pg_replication_slots`

// The time of the last transaction alone grows on a replica whose primary is idle.
const ownLag = (sql: Sql) =>
  sql(
    `select 'this replica' as name, 'streaming' as state,
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) as behind,
       case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
         else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end as seconds`,
    replicaRow,
  )

export function lagVerdict(replicas: Replica[], slots: Slot[], limit: number): CheckResult {
  const lost = slots.filter(({ active, status }) => !active || status === 'lost')
  const [worst] = [...replicas].sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0))
  if (worst === undefined && lost.length === 0) return { outcome: 'skip', summary: 'there is no replica' }
  if (worst === undefined)
    return {
      outcome: 'fail',
      summary: `nothing reads from ${counted(lost.length, 'replication slot')}: ${lost.map(({ name }) => name).join(', ')}`,
      details: { slots: lost },
      next: 'Start the replica again, or drop the slot: it keeps write-ahead log until the disk is full.',
    }
  const seconds = worst.seconds ?? 0
  const figures = { value: secondsShown(seconds), limit: secondsShown(limit) }
  const far = seconds > limit
  const outcome = far ? 'fail' : lost.length > 0 ? 'warn' : 'pass'
  const also = lost.length > 0 ? `; nothing reads from slot ${lost.map(({ name }) => name).join(', ')}` : ''
  return {
    outcome,
    summary: `${worst.name} is ${figures.value} behind (limit ${figures.limit}, ${bytes(Math.max(0, worst.behind ?? 0))})${also}`,
    ...figures,
    details: { replicas, slots },
    ...(far && {
      next: 'Send readers to the primary meanwhile. Look for a long query on the replica, or a slow disk.',
    }),
    output: { seconds },
  }
}
