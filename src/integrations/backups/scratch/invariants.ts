import type { ScratchFindings, ScratchQuestions } from '../../../backups/engine.js'
import { asShipmateError } from '../../../errors.js'
import { judgedRow } from '../../postgres/judged-row.js'
import type { Session } from '../../postgres/session.js'

type Invariant = ScratchQuestions['invariants'][number]

const withinMs = 60_000

/** The operator's own question, in a transaction that cannot write and a time that it has. */
export async function invariantOf(session: Session, asked: Invariant): Promise<ScratchFindings['invariants'][number]> {
  const { name, sql } = asked
  try {
    await session.rows('begin read only')
    await session.rows(`set local statement_timeout = ${withinMs}`)
    const rows = await session.rows<{ [column: string]: unknown }>(sql)
    return { name, ...judgedRow(rows, asked) }
  } catch (thrown) {
    const { came, message } = asShipmateError(thrown)
    return { name, holds: false, came: came ?? message }
  } finally {
    await session.rows('rollback').catch(() => {})
  }
}
