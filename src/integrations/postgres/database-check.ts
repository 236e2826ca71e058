import type { z } from 'zod'
import type { Database } from '../../releases/watch.js'
import { type Check, type CheckResult, defineCheck, type StepContext } from '../../runs/abilities.js'
import type { At } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, watchAt } from '../watched/parts.js'
import { looking, type Sql } from './connection.js'

/** The database of a place; null when none is named there. */
export function databaseAt(parts: WatchedParts, at: At): Database | null {
  const name = watchAt(parts, at)?.database
  return name ? (parts.catalogue.databases[name] ?? null) : null
}

/** A check that asks the place's database, with the role that reads. */
export function databaseCheck<Input extends At>(
  parts: WatchedParts,
  name: string,
  input: z.ZodType<Input>,
  look: (sql: Sql, input: Input, database: Database, context: StepContext) => Promise<CheckResult>,
): Check {
  return defineCheck<Input>({
    name,
    input,
    async run(given, context) {
      const database = databaseAt(parts, given)
      if (database === null) return notSetUp(given, 'database')
      return looking(parts, database, context.signal, (sql) => look(sql, given, database, context))
    },
  })
}
