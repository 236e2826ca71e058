import { join } from 'node:path'
import type { EngineContext, ScratchFindings } from '../../../backups/engine.js'
import { asShipmateError, failed } from '../../../errors.js'
import type { Session } from '../../postgres/session.js'
import { canRun, runProgram } from '../programs.js'

/** The scratch server, as a role of ours with a password reaches it. */
export type ScratchAt = { url: string; socketFolder: string; port: number }
type Structure = ScratchFindings['structure']

const mostProblems = 50

/** Reads every table and every B-tree as PostgreSQL itself would; the extension for it leaves again. */
export async function structureOf(
  { bin, database, superuser }: { bin: string; database: string; superuser: string },
  at: ScratchAt,
  session: Session,
  context: EngineContext,
): Promise<Structure> {
  const [had] = await session.rows(`select 1 from pg_extension where extname = 'amcheck'`)
  if (!had && !(await installed(session)))
    return { checked: 0, problems: ['amcheck is not installed where this server was started; nothing was looked at'] }
  try {
    const program = join(bin, 'pg_amcheck')
    return canRun(program)
      ? await byProgram(program, database, superuser, at, context)
      : await byFunctions(session, context)
  } finally {
    if (!had) await session.rows('drop extension if exists amcheck').catch(() => {})
  }
}

async function installed(session: Session): Promise<boolean> {
  const [there] = await session.rows(`select 1 from pg_available_extensions where name = 'amcheck'`)
  if (!there) return false
  await session.rows('create extension amcheck')
  return true
}

async function byProgram(
  program: string,
  database: string,
  superuser: string,
  { socketFolder, port }: ScratchAt,
  { signal }: EngineContext,
): Promise<Structure> {
  const where = ['--host', socketFolder, '--port', String(port), '--username', superuser]
  const words = [...where, '--no-password', '--heapallindexed', '--jobs=2', '--verbose', `--database=${database}`]
  const { code, output, complaints } = await runProgram({ program, words, signal })
  const checked = complaints.match(/checking (heap table|btree index)/g)?.length ?? 0
  const problems = told(output)
  // 0 is well and 2 is what it is there to find; anything else means that it did not look at all.
  if ((code !== 0 && code !== 2) || (code === 2 && problems.length === 0))
    throw failed('scratch-unchecked', 'pg_amcheck could not look at the restored database', {
      came: complaints.split('\n').slice(-5).join('\n'),
      next: 'Look whether amcheck of this version is installed.',
    })
  return { checked, problems }
}

/** A heading names the relation and the lines below it say what is wrong there. */
function told(output: string): string[] {
  const problems: string[] = []
  for (const line of output.split('\n').filter((one) => one.trim() !== '')) {
    if (/^\s/.test(line) && problems.length > 0) problems[problems.length - 1] += ` ${line.trim()}`
    else problems.push(line.trim())
  }
  return problems.slice(0, mostProblems)
}

type Relation = { oid: number; name: string; index: boolean }

async function byFunctions(session: Session, { progress }: EngineContext): Promise<Structure> {
  const relations = await session.rows<Relation>(
    `select c.oid::int8::float8 as oid, c.oid::regclass::text as name, c.relkind = 'i' as index
       from pg_class c left join pg_index i on i.indexrelid = c.oid left join pg_am a on a.oid = c.relam
      where c.relpersistence = 'p'
        and (c.relkind in ('r', 'm', 't') or (c.relkind = 'i' and a.amname = 'btree' and i.indisvalid and i.indisready))
      order by c.relpages desc`,
  )
  const problems: string[] = []
  for (const [done, { oid, name, index }] of relations.entries()) {
    progress({ done, total: relations.length, text: `looking at ${name}` })
    try {
      if (index) await session.rows('select bt_index_check($1::oid::regclass, true)', [oid])
      else {
        const found = await session.rows<{ blkno: string; msg: string }>(
          'select blkno::text, msg from verify_heapam($1::oid::regclass) limit 20',
          [oid],
        )
        problems.push(...found.map(({ blkno, msg }) => `table ${name}, block ${blkno}: ${msg}`))
      }
    } catch (thrown) {
      const { kind, came, message } = asShipmateError(thrown)
      if (kind === 'stopped') throw thrown
      problems.push(`${index ? 'index' : 'table'} ${name}: ${came ?? message}`)
    }
  }
  return { checked: relations.length, problems: problems.slice(0, mostProblems) }
}
