import { z } from 'zod'
import type { Check } from '../../runs/abilities.js'
import { at, share } from '../watched/inputs.js'
import type { WatchedParts } from '../watched/parts.js'
import { bytes, percent } from '../watched/words.js'
import { databaseCheck } from './database-check.js'

const input = z.object({ ...at, maxShare: share.default(0.85) })
const usedRow = z.object({ databases: z.coerce.number(), log: z.coerce.number().nullable() })
const tableRow = z.object({ name: z.string(), size: z.coerce.number(), dead: z.coerce.number() })

const usedText = `
  select (select sum(pg_database_size(oid)) from pg_database where datallowconn and has_database_privilege(oid, 'connect')) as databases,
    case when has_function_privilege('pg_ls_waldir()', 'execute') then (select sum(size) from pg_ls_waldir()) end as log`

const tablesText = `
  select c.oid::regclass::text as name, pg_total_relation_size(c.oid) as size, coalesce(s.n_dead_tup, 0) as dead
  from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
  where c.relkind in ('r', 'm') and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  order by 2 desc limit 5`

/** How much of the size that the operator's file gives it the server fills, its write-ahead log included. */
export const spaceCheck = (parts: WatchedParts): Check =>
  databaseCheck(parts, 'postgres.space', input, async (sql, { maxShare }, { name, size }) => {
    const [used] = await sql(usedText, usedRow)
    const tables = (await sql(tablesText, tableRow)).map((table) => ({ ...table, size: bytes(table.size) }))
    const [data, log] = [used?.databases ?? 0, used?.log ?? 0]
    const details = { databases: bytes(data), log: used?.log === null ? 'not told' : bytes(log), tables }
    if (size === null)
      return {
        outcome: 'skip',
        summary: `${name} fills ${bytes(data + log)}, of how much is not known`,
        details,
        next: `Add databases.${name}.size to the operator’s file.`,
      }
    const taken = (data + log) / size
    const figures = { value: percent(taken), limit: percent(maxShare) }
    const outcome = taken > maxShare ? 'fail' : taken > maxShare * 0.9 ? 'warn' : 'pass'
    return {
      outcome,
      summary: `${name} fills ${bytes(data + log)} of ${bytes(size)} (${figures.value}, limit ${figures.limit})`,
      ...figures,
      details,
      ...(outcome !== 'pass' && { next: `Look at the largest table first: ${tables[0]?.name ?? 'none'}.` }),
      output: { bytes: data + log },
    }
  })
