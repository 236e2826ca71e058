import { z } from 'zod'
import { type BackupPolicy, policyAt } from '../../releases/backups/backup-policy.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { at } from '../watched/inputs.js'
import type { WatchedParts } from '../watched/parts.js'
import { counted, cut } from '../watched/words.js'
import { looking, type Sql } from './connection.js'
import { databaseAt, databaseCheck } from './database-check.js'
import { judgedRow } from './judged-row.js'
import { databaseError } from './problems.js'

const damageRow = z.object({
  checked: z.coerce.boolean(),
  failures: z.coerce.number(),
  last: z.coerce.date().nullable(),
})
const partRow = z.object({ kind: z.enum(['index', 'constraint']), name: z.string() })

const damageText = `
  select current_setting('data_checksums') = 'on' as checked, coalesce(sum(checksum_failures), 0) as failures,
    max(checksum_last_failure) as last from pg_stat_database`

/** What was left half-made: an index that nothing uses, a rule that old rows were never held against; not one that is meant so. */
const partsText = `
  select 'index' as kind, indexrelid::regclass::text as name from pg_index where not indisvalid and indislive
  union all
  select 'constraint', case when contypid = 0 then conrelid::regclass::text else contypid::regtype::text end || '.' || conname
  from pg_constraint c where not convalidated and to_jsonb(c) ->> 'conenforced' is distinct from 'false'
  order by 1, 2`

/** Whether the live data is whole, as far as the server itself can tell without reading all of it. */
export const integrityCheck = (parts: WatchedParts): Check =>
  databaseCheck(parts, 'postgres.integrity', z.object(at), async (sql, _, { name }): Promise<CheckResult> => {
    const [damage] = await sql(damageText, damageRow)
    const half = await sql(partsText, partRow)
    const names = half.map((part) => `${part.kind} ${part.name}`)
    const { checked = false, failures = 0, last = null } = damage ?? {}
    const output = { failures, unfinished: names.length }
    const details = { checksums: checked ? 'on' : 'off', unfinished: names.slice(0, 20) }
    if (failures > 0)
      return {
        outcome: 'fail',
        summary: `${counted(failures, 'page', 'pages')} of ${name} failed the checksum, last at ${last?.toISOString() ?? 'an unknown time'}`,
        ...{ value: failures, limit: 0, details, output },
        next: 'The disk or the memory damages data: change the machine, and look which tables are hit: /restore drill proves what can be had. Once it is mended, pg_stat_reset() in that database clears the count.',
      }
    const left = `not valid: ${cut(names.join(', '), 200)}`
    if (!checked)
      return {
        outcome: 'warn',
        summary: `${name} writes no checksums, so a damaged page shows only where it is read${names.length > 0 ? `; ${left}` : ''}`,
        ...{ details, output },
        next: 'Switch them on while the server is stopped: pg_checksums --enable.',
      }
    if (names.length > 0)
      return {
        outcome: 'warn',
        summary: left,
        ...{ value: names.length, limit: 0, details, output },
        next: 'Build an index anew (REINDEX INDEX CONCURRENTLY …); validate a constraint (ALTER TABLE … VALIDATE CONSTRAINT …).',
      }
    return {
      outcome: 'pass',
      summary: 'every page that was read held its checksum; no index or constraint is unfinished',
      details,
      output,
    }
  })

const row = z.record(z.string(), z.unknown())

type Rule = BackupPolicy['drill']['invariants'][number]
type Answer = { name: string; holds: boolean; came: string; isUnknown: boolean }

/**
 * A rule that cannot be asked of the data as it is does not hold; what we may not read cannot be told, and a database that is
 * away is our own trouble.
 */
async function answered(sql: Sql, { name, sql: text, ...limits }: Rule, signal: AbortSignal): Promise<Answer> {
  try {
    return { name, ...judgedRow(await sql(text, row), limits), isUnknown: false }
  } catch (thrown) {
    const error = databaseError('the database', thrown)
    if (error.transient || signal.aborted) throw thrown
    const came = error.came ?? error.message
    return { name, holds: false, came: `it cannot be asked: ${came}`, isUnknown: error.code === 'database-not-allowed' }
  }
}

/** What must hold of the data, asked of the live database: the same questions that a restore drill asks of its scratch. */
export const invariantsCheck = (parts: WatchedParts): Check =>
  defineCheck<z.infer<z.ZodObject<typeof at>>>({
    name: 'postgres.invariants',
    input: z.object(at),
    async run(given, { signal }): Promise<CheckResult> {
      const database = databaseAt(parts, given)
      const policy = policyAt(parts.catalogue, given.service, given.environment)
      const asked = policy && database && policy.database === database.name ? policy.drill.invariants : []
      if (database === null || asked.length === 0)
        return {
          outcome: 'skip',
          summary: 'not set up: nothing says what must hold of the data',
          next: 'To have it asked, add drill.invariants to the backups of the database in the operator’s file.',
        }
      const found = await looking(parts, database, signal, async (sql) => {
        const answers: Answer[] = []
        // One after another over one connection: a database in trouble is not asked by many at once.
        for (const rule of asked) answers.push(await answered(sql, rule, signal))
        return answers
      })
      const broken = found.filter(({ holds, isUnknown }) => !holds && !isUnknown)
      const unknown = found.filter(({ isUnknown }) => isUnknown)
      const details = { asked: found.map(({ name, came }) => `${name}: ${came}`) }
      if (broken.length > 0)
        return {
          outcome: 'fail',
          summary: broken.map(({ name, came }) => `“${name}” does not hold: ${came}`).join('; '),
          ...{ value: broken.length, limit: 0, details },
          next: 'Find out since when: /restore shows which moments can be had.',
        }
      if (unknown.length > 0)
        return {
          outcome: 'error',
          summary: unknown.map(({ name, came }) => `“${name}”: ${came}`).join('; '),
          details,
          next: 'Give the role that reads SELECT on those tables; docs/integrations/postgres.md says how.',
        }
      return { outcome: 'pass', summary: `${counted(found.length, 'rule holds', 'rules hold')} of the data`, details }
    },
  })
