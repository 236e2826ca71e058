import { z } from 'zod'
import { mergedWords, mergeWords, notWorthIt, reviewWords, type TableReview } from '../../../backups/tables.js'
import type { JsonObject } from '../../../json.js'
import { type Action, type Check, defineAction, defineCheck } from '../../../runs/abilities.js'
import { contextOf } from '../parts.js'
import { type RestoreParts, scratchOf } from './parts.js'

const onDatabase = z.object({ database: z.string() })
const tablesShape = z.array(z.string().min(1).max(130)).min(1).max(20)
const kindShape = z.enum(['gone', 'all'])
const toMerge = onDatabase.extend({ kind: kindShape })
const reviews = z.array(
  z.object({
    table: z.string(),
    now: z.number().nullable(),
    ...{ was: z.number(), gone: z.number(), changed: z.number(), fresh: z.number() },
    leftOut: z.array(z.string()),
    onlyToSee: z.string().nullable(),
  }),
)

export const tableChecks = (parts: RestoreParts): Check[] => [able(parts), shown(parts), merged(parts), kept(parts)]
export const tableActions = (parts: RestoreParts): Action[] => [
  review(parts),
  merge(parts),
  unmerge(parts),
  drop(parts),
]

const able = (parts: RestoreParts) =>
  defineCheck({
    name: 'tables.able',
    input: onDatabase,
    async run({ database }, context) {
      const { tables } = await parts.surroundings(database)
      const { summary } = await tables.ready(contextOf(context))
      return { outcome: 'pass', summary }
    },
  })

/** Starts the scratch once more, compares, and stops it. */
const review = (parts: RestoreParts) =>
  defineAction({
    name: 'tables.review',
    input: onDatabase.extend({ tables: tablesShape }),
    // One transaction, and whoever comes second finds the schema whole, or nothing of it.
    fence: 'key',
    async run({ database, tables: named }, context) {
      const about = contextOf(context)
      const { tables } = await parts.surroundings(database)
      const yard = await parts.yards(database)
      const server = await yard.start(await scratchOf(yard, context.run), about)
      try {
        const found = await tables.review({ run: context.run, tables: named, from: server.url }, about)
        const told = found.map(({ table, was, now, gone, changed, fresh, leftOut, onlyToSee }) => {
          return { ...{ table, was, now, gone, changed, fresh }, leftOut: leftOut.slice(0, 20), onlyToSee }
        })
        const summary = `${told.map(reviewWords).join('; ')}, in the schema ${tables.schemaOf(context.run)}`
        return { evidence: { summary }, output: { found: told as unknown as JsonObject[] } }
      } finally {
        await server.stop()
      }
    },
  })

/** What people decide by; where a merge would change nothing they are not asked. */
const shown = (parts: RestoreParts) =>
  defineCheck({
    name: 'tables.shown',
    input: toMerge.extend({ found: reviews }),
    async run({ database, kind, found }, context) {
      const { tables } = await parts.surroundings(database)
      const no = notWorthIt(found, kind)
      if (no) return { outcome: 'fail', summary: no.why, next: no.next, final: true }
      const details = Object.fromEntries(found.map((one) => [one.table, detailOf(one)]))
      const summary = `${mergeWords(found, kind)}; to look at: the schema ${tables.schemaOf(context.run)}`
      return {
        outcome: found.some(({ onlyToSee, now }) => onlyToSee || now === null) ? 'warn' : 'pass',
        summary,
        details,
      }
    },
  })

const detailOf = (one: TableReview) =>
  [
    reviewWords(one).replace(`${one.table}: `, ''),
    ...(one.leftOut.length > 0 ? [`not compared: ${one.leftOut.join(', ')}`] : []),
  ].join('; ')

const merge = (parts: RestoreParts) =>
  defineAction({
    name: 'tables.merge',
    input: toMerge,
    // One transaction that writes down that it was done, under a lock of the database itself.
    fence: 'key',
    async run({ database, kind }, context) {
      const { tables } = await parts.surroundings(database)
      const done = await tables.merge({ run: context.run, kind }, contextOf(context))
      return { evidence: { summary: mergedWords(done) } }
    },
  })

const merged = (parts: RestoreParts) =>
  defineCheck({
    name: 'tables.merged',
    input: toMerge,
    async run({ database, kind }, context) {
      const { tables } = await parts.surroundings(database)
      const missing = await tables.missing({ run: context.run, kind }, contextOf(context))
      if (missing === 0) return { outcome: 'pass', summary: 'every row of the review is in its table' }
      // The application writes meanwhile: a row that it has changed since is no failure of the merge.
      return { outcome: 'warn', summary: `${missing} rows are not as they were reviewed: they were changed since` }
    },
  })

/** What taking back a merge of an earlier run needs. */
const kept = (parts: RestoreParts) =>
  defineCheck({
    name: 'tables.kept',
    input: onDatabase.extend({ of: z.number().int() }),
    async run({ database, of }, context) {
      const { tables } = await parts.surroundings(database)
      const schema = tables.schemaOf(of)
      if (await tables.merged(of, contextOf(context))) return { outcome: 'pass', summary: `${schema} has what it did` }
      return {
        outcome: 'fail',
        summary: `nothing of #${of} can be taken back: it merged nothing, was taken back already, or ${schema} was dropped`,
        next: 'Nothing was changed.',
        final: true,
      }
    },
  })

const unmerge = (parts: RestoreParts) =>
  defineAction({
    name: 'tables.unmerge',
    input: onDatabase.extend({ of: z.number().int().optional() }),
    fence: 'key',
    async run({ database, of }, context) {
      const { tables } = await parts.surroundings(database)
      return { evidence: await tables.unmerge(of ?? context.run, contextOf(context)) }
    },
  })

const drop = (parts: RestoreParts) =>
  defineAction({
    name: 'tables.drop',
    input: onDatabase,
    fence: 'key',
    async run({ database }, context) {
      const { tables } = await parts.surroundings(database)
      return { evidence: await tables.drop(context.run, contextOf(context)) }
    },
  })
