import type { ScratchFindings, ScratchQuestions } from '../../../backups/engine.js'
import { asShipmateError } from '../../../errors.js'
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
    return { name, ...judged(rows, asked) }
  } catch (thrown) {
    const { came, message } = asShipmateError(thrown)
    return { name, holds: false, came: came ?? message }
  } finally {
    await session.rows('rollback').catch(() => {})
  }
}

/** Exactly one row, whose first column is true, or a number within its limits. */
export function judged(rows: { [column: string]: unknown }[], { min, max }: Pick<Invariant, 'min' | 'max'>) {
  const [first, ...more] = Array.isArray(rows) ? rows : []
  if (first === undefined) return { holds: false, came: 'no row' }
  if (more.length > 0) return { holds: false, came: `${more.length + 1} rows, where one was wanted` }
  const value = Object.values(first)[0]
  if (typeof value === 'boolean') return { holds: value, came: String(value) }
  const number = asNumber(value)
  if (number === null) return { holds: false, came: `${shown(value)}, which is neither true nor a number` }
  if (min === undefined && max === undefined) return { holds: false, came: `${number}, and no limits are given` }
  const low = min !== undefined && number < min
  const high = max !== undefined && number > max
  const limit = low ? `, less than ${min}` : high ? `, more than ${max}` : ''
  return { holds: !low && !high, came: `${number}${limit}` }
}

/** Large counts and sums come as text, so that none of their digits is lost. */
function asNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  return null
}

const shown = (value: unknown) => (value === null || value === undefined ? 'nothing' : String(value).slice(0, 100))
