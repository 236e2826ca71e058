import type { EngineContext, ScratchFindings, ScratchQuestions } from '../../../backups/engine.js'
import { failed } from '../../../errors.js'
import { inSession, type Session } from '../../postgres/session.js'
import { invariantOf } from './invariants.js'
import { orphansIn } from './orphans.js'
import { type ScratchAt, structureOf } from './structure.js'

type Settings = { bin: string; database: string; superuser: string }

/** Looks into a restored database: its structures first, then what the questions ask. */
export async function ask(
  settings: Settings,
  at: ScratchAt,
  questions: ScratchQuestions,
  context: EngineContext,
): Promise<ScratchFindings> {
  const name = 'the restored database'
  return inSession(name, { url: at.url }, { signal: context.signal }, async (session) => {
    const say = (text: string) => context.progress({ done: 0, total: 0, text })
    say('looking at its structures')
    const structure = await structureOf(settings, at, session, context)
    say('counting rows')
    const rows = await rowsIn(session, questions.tables, say)
    say('looking for rows whose parent is gone')
    const orphans = await orphansIn(session)
    const newestAt = questions.newest ? await newestIn(session, questions.newest) : null
    const invariants = []
    for (const asked of questions.invariants) {
      say(`asking ${asked.name}`)
      invariants.push(await invariantOf(session, asked))
    }
    return { structure, rows, orphans, newestAt, invariants }
  })
}

type Table = { name: string; quoted: string }

async function rowsIn(session: Session, tables: string[], say: (text: string) => void) {
  const named = tables.length > 0 ? await Promise.all(tables.map((table) => tableNamed(session, table))) : null
  const counted: ScratchFindings['rows'] = []
  for (const { name, quoted } of named ?? (await everyTable(session))) {
    say(`counting rows of ${name}`)
    const [found] = await session.rows<{ rows: string }>(`select count(*) as rows from ${quoted}`)
    counted.push({ table: name, rows: Number(found?.rows) })
  }
  return counted
}

const quotedName = `format('%I.%I', n.nspname, c.relname)`
const shownName = `case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end`

/** Partitions are counted with the table that they belong to. */
const everyTable = (session: Session) =>
  session.rows<Table>(
    `select ${shownName} as name, ${quotedName} as quoted
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
        and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_toast%'
      order by 1`,
  )

/** The text of an operator names a table; what the server knows by it is asked, never pasted. */
async function tableNamed(session: Session, table: string): Promise<Table> {
  const [found] = await session.rows<{ quoted: string }>(
    `select ${quotedName} as quoted from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)`,
    [table],
  )
  if (found) return { name: table, quoted: found.quoted }
  throw failed('scratch-table-missing', `there is no table ${table} in what was restored`, {
    wanted: `a table ${table}`,
    came: 'none of that name',
    next: 'Choose an earlier point, or correct the name in the operator’s file.',
  })
}

async function newestIn(session: Session, { table, column }: { table: string; column: string }): Promise<Date | null> {
  const { quoted } = await tableNamed(session, table)
  const [known] = await session.rows<{ quoted: string }>(
    `select quote_ident(attname) as quoted from pg_attribute where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped`,
    [table, column],
  )
  if (!known)
    throw failed('scratch-table-missing', `the table ${table} has no column ${column} in what was restored`, {
      wanted: `a column ${column} with a time`,
      came: 'none of that name',
      next: 'Correct the name in the operator’s file.',
    })
  const [found] = await session.rows<{ newest: Date | null }>(
    `select max(${known.quoted})::timestamptz as newest from ${quoted}`,
  )
  return found?.newest ?? null
}
