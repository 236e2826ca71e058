import type { EngineContext } from '../../../backups/engine.js'
import { type MergeKind, type TableMerge, type TableRecovery, takenBackWords } from '../../../backups/tables.js'
import { asShipmateError, failed } from '../../../errors.js'
import { inSession, type Session } from '../../postgres/session.js'
import { plainly } from './columns.js'
import { mergedInto, notThere, takenOut } from './merge.js'
import { type Reviewed, reviewed } from './review.js'

type Kept = { found: Reviewed[]; merged: { kind: MergeKind; tables: TableMerge[] } | null }

/** Single tables of a live database, asked as somebody who may make a schema there and write to its tables. */
export function createTableRecovery(name: string, url: () => Promise<string>): TableRecovery {
  const asked = async <T>({ signal }: EngineContext, use: (session: Session) => Promise<T>) =>
    inSession(name, { url: await url() }, { signal }, use)
  /** Whole or not at all; two attempts of one run follow each other. */
  const changing = <T>(run: number, context: EngineContext, use: (session: Session) => Promise<T>, level = '') =>
    asked(context, async (session) => {
      await session.rows(`select pg_advisory_lock(hashtext('shipmate review'), $1)`, [run])
      await session.rows(`begin ${level}`)
      const result = await use(session)
      await session.rows('commit')
      return result
    })
  return {
    schemaOf,
    ready: (context) => asked(context, (session) => ready(session, name)),
    review: ({ run, tables, from }, context) => {
      const use = async (session: Session) => {
        const kept = await keptOf(session, run)
        if (kept) return kept.found
        const schema = schemaOf(run)
        await plainly(session)
        await session.rows(`drop schema if exists ${schema} cascade`)
        await session.rows(`create schema ${schema}`)
        const found = await reviewed(session, { schema, tables, from }, context)
        await session.rows(`create table ${schema}.shipmate_review (found jsonb, merged jsonb)`)
        await session.rows(`insert into ${schema}.shipmate_review values ($1)`, [JSON.stringify(found)])
        return found
      }
      // All its counts are of one moment.
      return changing(run, context, use, 'isolation level repeatable read')
    },
    merge: ({ run, kind }, context) =>
      changing(run, context, async (session) => {
        const kept = await keptOrGone(session, run)
        if (kept.merged) return kept.merged.tables
        const tables = await mergedInto(session, kept.found, kind)
        await remember(session, run, { kind, tables })
        return tables
      }).catch((thrown) => {
        throw explained(thrown, context)
      }),
    missing: ({ run, kind }, context) =>
      changing(run, context, async (session) => notThere(session, (await keptOrGone(session, run)).found, kind)),
    merged: (run, context) => asked(context, async (session) => Boolean((await keptOf(session, run))?.merged)),
    unmerge: (run, context) =>
      changing(run, context, async (session) => {
        const kept = await keptOf(session, run)
        if (!kept?.merged) return { summary: 'nothing was merged' }
        const rows = await takenOut(session, kept.found, kept.merged.kind)
        await remember(session, run, null)
        return { summary: takenBackWords(rows, kept.merged.tables) }
      }),
    drop: (run, context) =>
      changing(run, context, async (session) => {
        await session.rows(`drop schema if exists ${schemaOf(run)} cascade`)
        return { summary: `the schema ${schemaOf(run)} is gone` }
      }),
  }
}

const schemaOf = (run: number) => `shipmate_review_${run}`

async function ready(session: Session, name: string) {
  const [found] = await session.rows<{ may: boolean }>(
    `select has_database_privilege(current_database(), 'create') as may`,
  )
  if (found?.may) return { summary: 'a schema for the review can be made' }
  throw failed('restore-swap-not-ready', `who Shipmate connects as may make no schema in ${name}`, {
    wanted: 'the right to create in the database, and to write to its tables',
    came: 'neither',
    next: 'Name somebody who may as restore.admin in the operator’s file.',
  })
}

async function keptOf(session: Session, run: number): Promise<Kept | null> {
  const [there] = await session.rows<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `${schemaOf(run)}.shipmate_review`,
  ])
  if (!there?.there) return null
  const [kept] = await session.rows<Kept>(`select found, merged from ${schemaOf(run)}.shipmate_review`)
  return kept ?? null
}

async function keptOrGone(session: Session, run: number): Promise<Kept> {
  const kept = await keptOf(session, run)
  if (kept) return kept
  throw failed('review-gone', `the schema ${schemaOf(run)} with the rows that were reviewed is gone`, {
    wanted: 'the rows that people have seen',
    came: 'somebody dropped the schema',
    next: 'Nothing was changed. Ask again.',
  })
}

const remember = (session: Session, run: number, merged: Kept['merged']) =>
  session.rows(`update ${schemaOf(run)}.shipmate_review set merged = $1`, [merged && JSON.stringify(merged)])

/** A row whose parent is gone too is what stands in the way most often. */
function explained(thrown: unknown, { signal }: EngineContext) {
  const error = asShipmateError(thrown)
  if (signal.aborted || error.code !== 'database-refused') return error
  const foreign = error.details?.code === '23503'
  return failed('merge-refused', 'the live database did not take the rows', {
    came: error.came ?? error.message,
    next: foreign
      ? 'Nothing was changed. Name the table that they refer to as well.'
      : 'Nothing was changed. The rows are in the review schema: correct what it says, or bring them back by hand.',
    cause: thrown,
  })
}
