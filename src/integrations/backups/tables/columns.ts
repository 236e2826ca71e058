import { failed } from '../../../errors.js'
import type { Session } from '../../postgres/session.js'

/** Names are quoted as SQL wants them; `shown` is for people, `plain` for a name in another schema. */
export type Column = { quoted: string; type: string; generated: boolean }
export type TableShape = {
  shown: string
  quoted: string
  plain: string
  columns: Column[]
  /** Columns of its primary key, quoted; empty without one. */
  key: string[]
}

/** Types are written with their schema, values so that another server reads the same. */
export async function plainly(session: Session): Promise<void> {
  for (const [name, value] of Object.entries(plainSettings)) await session.rows(`set local ${name} = ${value}`)
}

const plainSettings = {
  search_path: 'pg_catalog',
  datestyle: `'ISO, YMD'`,
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  timezone: 'UTC',
  extra_float_digits: '3',
  lc_monetary: `'C'`,
}

/** As people named it, on the restored server; throws `scratch-table-missing` where there was none. */
export async function tableThen(session: Session, named: string): Promise<TableShape> {
  const name = named.includes('.') ? named : `public.${named}`
  const found = await shapeOf(session, name)
  if (found) return found
  throw failed('scratch-table-missing', `there is no table ${named} in what was restored`, {
    wanted: `a table ${named}`,
    came: 'none of that name',
    next: 'Choose an earlier point, or correct the name; a table of another schema is named with it.',
  })
}

/** Null where it is not there, or is no table. */
export async function shapeOf(session: Session, name: string): Promise<TableShape | null> {
  const [found] = await session.rows<Omit<TableShape, 'columns' | 'key'>>(
    `select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end as shown,
            format('%I.%I', n.nspname, c.relname) as quoted,
            case when n.nspname = 'public' then c.relname else n.nspname || '_' || c.relname end as plain
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.oid = to_regclass($1) and c.relkind in ('r', 'p')`,
    [name],
  )
  if (!found) return null
  const columns = await session.rows<Column>(
    `select quote_ident(attname) as quoted, format_type(atttypid, atttypmod) as type, attgenerated <> '' as generated
       from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
    [found.quoted],
  )
  const key = await session.rows<{ quoted: string }>(
    `select quote_ident(a.attname) as quoted
       from pg_index i, unnest(i.indkey::int2[]) with ordinality k (number, place)
       join pg_attribute a on a.attnum = k.number
      where i.indrelid = to_regclass($1) and a.attrelid = i.indrelid and i.indisprimary order by k.place`,
    [found.quoted],
  )
  return { ...found, columns, key: key.map(({ quoted }) => quoted) }
}

/** Columns that both sides have alike, and those that one of them has alone or otherwise. */
export function inCommon(then: Column[], now: Column[]): { common: Column[]; leftOut: string[] } {
  const same = (one: Column) => now.some(({ quoted, type }) => quoted === one.quoted && type === one.type)
  const names = [...new Set([...then, ...now].map(({ quoted }) => quoted))]
  // What the server works out itself is never written.
  const generated = new Set(now.filter((one) => one.generated).map(({ quoted }) => quoted))
  const common = then.filter((one) => same(one) && !generated.has(one.quoted))
  const leftOut = names.filter((name) => !generated.has(name) && !common.some(({ quoted }) => quoted === name))
  return { common, leftOut }
}
