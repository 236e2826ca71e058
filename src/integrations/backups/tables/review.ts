import type { EngineContext } from '../../../backups/engine.js'
import type { TableReview } from '../../../backups/tables.js'
import { inSession, type Session } from '../../postgres/session.js'
import { inCommon, plainly, shapeOf, type TableShape, tableThen } from './columns.js'

/** What the schema says of one of its tables, for whoever merges later. */
export type Reviewed = TableReview & {
  /** The live table, the one in the schema, and the one that keeps what a merge overwrote. */
  live: string
  here: string
  before: string
  key: string[]
  columns: string[]
}

/** 'gone' or 'changed', beside the columns of the table itself. */
export const foundColumn = 'shipmate_found'

/** Compares one table after the other; rows that are not so now stay in the schema, as they were. */
export async function reviewed(
  live: Session,
  order: { schema: string; tables: string[]; from: string },
  context: EngineContext,
): Promise<Reviewed[]> {
  const { signal } = context
  return inSession('the restored database', { url: order.from }, { signal }, async (then) => {
    await then.rows('begin read only')
    await plainly(then)
    const all: Reviewed[] = []
    for (const named of [...new Set(order.tables)]) {
      const shape = await tableThen(then, named)
      if (all.some((one) => one.live === shape.quoted)) continue
      all.push(await one(then, live, { schema: order.schema, shape, place: all.length }, context))
    }
    return all
  })
}

type Place = { schema: string; shape: TableShape; place: number }

async function one(then: Session, live: Session, { schema, shape, place }: Place, context: EngineContext) {
  const name = shape.plain.slice(0, longest)
  const [here, staged, before] = ['', '_then', '_before'].map((tail) => `${schema}.${quoted(`${name}${tail}`)}`) as [
    string,
    string,
    string,
  ]
  await carried(then, live, { shape, to: staged }, context)
  const now = await shapeOf(live, shape.quoted)
  const rows = await counted(live, staged)
  const common = now ? inCommon(shape.columns, now.columns) : { common: [], leftOut: [] }
  const columns = common.common.map((column) => column.quoted)
  const about = { table: shape.shown, live: shape.quoted, here, before, key: now?.key ?? [], columns }
  const onlyToSee = now ? whyOnlyToSee(now, columns) : null
  context.progress({ done: place, total: 0, text: `comparing ${shape.shown}` })
  if (now === null || onlyToSee) {
    await live.rows(`alter table ${staged} rename to ${quoted(name)}`)
    const left = now ? await counted(live, shape.quoted) : null
    return { ...about, was: rows, now: left, gone: 0, changed: 0, fresh: 0, leftOut: common.leftOut, onlyToSee }
  }
  const counts = await compared(live, { ...about, staged })
  return { ...about, was: rows, ...counts, leftOut: common.leftOut, onlyToSee: null }
}

const longest = 50
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

async function counted(session: Session, table: string): Promise<number> {
  const [found] = await session.rows<{ rows: number }>(`select count(*)::float8 as rows from ${table}`)
  return found?.rows ?? 0
}

function whyOnlyToSee({ key }: TableShape, columns: string[]): string | null {
  if (key.length === 0) return 'it has no primary key, so its rows cannot be told apart'
  const missing = key.filter((name) => !columns.includes(name))
  return missing.length > 0 ? `its primary key was another then (${missing.join(', ')})` : null
}

const batch = 1_000

/** Row by row as text, which every type can be written as and read from, with no program but the two servers. */
async function carried(
  then: Session,
  live: Session,
  { shape, to }: { shape: TableShape; to: string },
  { signal, progress }: EngineContext,
): Promise<void> {
  const columns = shape.columns.map(({ quoted: name, type }) => `${name} ${type}`)
  // Not worth an archive: it is made again by whoever asks again.
  await live.rows(`create unlogged table ${to} (${columns.join(', ')})`)
  await then.rows(
    `declare shipmate_rows no scroll cursor for select shipmate_row::text as one from ${shape.quoted} shipmate_row`,
  )
  for (let done = 0; ; ) {
    signal.throwIfAborted()
    const rows = await then.rows<{ one: string }>(`fetch ${batch} from shipmate_rows`)
    if (rows.length === 0) break
    // Without "offset 0" each column would have the row read anew.
    await live.rows(
      `insert into ${to} select (s.row).* from (select one::${to} as row from unnest($1::text[]) one offset 0) s`,
      [rows.map(({ one: row }) => row)],
    )
    done += rows.length
    progress({ done: 0, total: 0, text: `${done.toLocaleString('en')} rows of ${shape.shown} brought over` })
  }
  await then.rows('close shipmate_rows')
}

type Compared = Pick<Reviewed, 'live' | 'here' | 'key' | 'columns'> & { staged: string }

/** By the primary key; values as text, since not every type can be compared, and 1.0 is not 1.00. */
async function compared(live: Session, { live: table, here, staged, key, columns }: Compared) {
  await live.rows(`analyze ${staged}`)
  const same = key.map((name) => `n.${name} = s.${name}`).join(' and ')
  const differs = columns.map((name) => `n.${name}::text is distinct from s.${name}::text`).join(' or ')
  await live.rows(
    `create table ${here} as select s.*, case when n.${key[0]} is null then 'gone' else 'changed' end as ${foundColumn}
       from ${staged} s left join ${table} n on ${same} where n.${key[0]} is null or ${differs}`,
  )
  const [found] = await live.rows<{ now: number; gone: number; changed: number; fresh: number }>(
    `select (select count(*) from ${table})::float8 as now,
            (select count(*) from ${here} where ${foundColumn} = 'gone')::float8 as gone,
            (select count(*) from ${here} where ${foundColumn} = 'changed')::float8 as changed,
            (select count(*) from ${table} n where not exists (select from ${staged} s where ${same}))::float8 as fresh`,
  )
  await live.rows(`drop table ${staged}`)
  return found ?? { now: 0, gone: 0, changed: 0, fresh: 0 }
}
