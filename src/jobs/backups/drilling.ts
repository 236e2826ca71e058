import { z } from 'zod'
import type { Backup } from '../../backups/backup.js'
import type { EngineContext, ScratchYard } from '../../backups/engine.js'
import { findingsOf, isFilesEngine } from '../../backups/files.js'
import {
  drillBroken,
  drillFrom,
  type Found,
  figuresOf,
  judged,
  type Question,
  questions,
} from '../../backups/findings.js'
import { isThere } from '../../backups/known.js'
import { shownBytes } from '../../backups/sizes.js'
import { latestMoment } from '../../backups/window.js'
import { asShipmateError, failed } from '../../errors.js'
import type { JsonObject } from '../../json.js'
import { shownDuration } from '../../releases/durations.js'
import { type Action, type Check, defineAction, defineCheck, type StepContext } from '../../runs/abilities.js'
import { type BackupParts, contextOf, engineFor } from './parts.js'
import { clearScratch, scratchKey } from './scratch.js'

const onDatabase = z.object({ database: z.string() })

const count = z.number()
/** What the restore leaves for the steps after it. */
const foundShape = z.object({
  of: z.enum(['database', 'files']).default('database'),
  label: z.string(),
  at: z.coerce.date(),
  ...{ lossMs: count, restoreMs: count, recoveryMs: count, checkMs: count, bytes: count },
  structure: z.object({ checked: count, problems: z.array(z.string()) }),
  rows: z.array(z.object({ table: z.string(), rows: count })),
  orphans: z.array(z.object({ constraint: z.string(), rows: count })),
  newestAt: z.coerce.date().nullable(),
  invariants: z.array(z.object({ name: z.string(), holds: z.boolean(), came: z.string() })),
})
const withFound = onDatabase.extend({ found: foundShape })

export const drillActions = (parts: BackupParts): Action[] => [restore(parts), clear(parts), record(parts)]

export const drillChecks = (parts: BackupParts): Check[] => [
  ...questions.map((question) => judgement(parts, question)),
  figures(),
]

/**
 * Restores, starts and asks in one act: a scratch server is of one machine, and whoever goes on after a kill may run on
 * another. It begins by removing what an attempt before it left.
 */
const restore = (parts: BackupParts) =>
  defineAction({
    name: 'drill.restore',
    input: onDatabase,
    // The scratch is named after the run: what another attempt wrote is removed, and nobody else's is touched.
    fence: 'key',
    async run({ database }, context) {
      const at = context.clock.now()
      try {
        const found = await rehearsed(parts, database, context, at)
        const { structure, rows, orphans, invariants } = found
        const output = {
          ...{ ...found, at: at.toISOString(), newestAt: found.newestAt?.toISOString() ?? null },
          structure: { ...structure, problems: structure.problems.slice(0, most) },
          ...{ rows: rows.slice(0, mostTables), orphans: orphans.slice(0, most), invariants },
        }
        const took = shownDuration(found.restoreMs + found.recoveryMs)
        const then = found.of === 'files' ? `restored in ${took}` : `connections accepted after ${took}`
        const summary = `${shownBytes(found.bytes)} from ${found.label}, ${then}`
        return { evidence: { summary, value: found.label }, output: { found: output as unknown as JsonObject } }
      } catch (thrown) {
        const error = asShipmateError(thrown)
        if (context.signal.aborted || error.kind === 'faulted' || error.transient) throw thrown
        const [newest] = (await parts.rows.backups(database, 50)).filter(isThere)
        await parts.rows.drilled(drillBroken(context.run, database, newest?.label ?? '', at, error.message))
        throw thrown
      }
    },
  })

const most = 50
const mostTables = 5_000

async function rehearsed(parts: BackupParts, database: string, context: StepContext, at: Date): Promise<Found> {
  const { engine, policy } = await engineFor(parts, database)
  const yard = await parts.yards(database)
  const about = contextOf(context)
  await clearScratch(yard, context.run)
  const held = await engine.holding(about)
  const latest = latestMoment(held)
  const newest = held.backups.at(-1)
  if (!latest || !newest)
    throw failed('backup-none', `${database} has no backup that could be restored.`, {
      next: `Take one: /backup ${database} full`,
    })
  // Of files only some come back, which are chosen later.
  const room = isFilesEngine(engine) ? 0 : newest.databaseBytes
  const folder = await yard.folder(scratchKey(context.run), room)
  try {
    if (isFilesEngine(engine)) {
      const back = await engine.rehearse(folder, about)
      const { restoreMs, checkMs, bytes, from } = back
      // Files are from before the backup began.
      const times = { lossMs: lossAt(at, from.startedAt), restoreMs, recoveryMs: 0, checkMs }
      return { ...findingsOf(database, back), ...times, of: 'files', label: labelOf(from), at, bytes }
    }
    const restored = await engine.restore({ point: { kind: 'latest' }, into: folder }, about)
    context.signal.throwIfAborted()
    const looked = await askedOf(yard, folder, policy.drill, about)
    return {
      ...looked,
      label: labelOf(restored.from),
      at,
      lossMs: lossAt(at, latest),
      restoreMs: restored.tookMs,
      bytes: restored.bytes,
    }
  } catch (thrown) {
    // Also undone as a step of its own; this spares the room while people read why.
    await yard.remove(folder).catch(() => {})
    throw thrown
  }
}

const lossAt = (at: Date, latest: Date) => Math.max(0, at.getTime() - latest.getTime())

const labelOf = ({ label }: Pick<Backup, 'label'>) => label

async function askedOf(
  yard: ScratchYard,
  folder: string,
  { tables, newest, invariants }: Parameters<typeof judged>[2],
  about: EngineContext,
) {
  const server = await yard.start(folder, about)
  try {
    const began = about.clock.now()
    const findings = await server.ask({ tables, newest, invariants }, about)
    const checkMs = about.clock.now().getTime() - began.getTime()
    return { ...findings, checkMs, recoveryMs: server.recoveredInMs }
  } finally {
    await server.stop().catch((thrown) => about.log.warn({ err: thrown }, 'a scratch server did not stop by itself'))
  }
}

const clear = (parts: BackupParts) =>
  defineAction({
    name: 'drill.clear',
    input: onDatabase,
    // Removing what is not there is no error.
    fence: 'key',
    async run({ database }, { run }) {
      const gone = await clearScratch(await parts.yards(database), run)
      return { evidence: { summary: gone === 0 ? 'nothing was left' : 'nothing runs there, its files are gone' } }
    },
  })

const record = (parts: BackupParts) =>
  defineAction({
    name: 'drill.record',
    input: withFound,
    // One row for each run.
    fence: 'key',
    async run({ database, found }, context) {
      const { policy, engine } = await engineFor(parts, database)
      // What a drill proves has to stand in our rows.
      await parts.rows.seen(database, await engine.holding(contextOf(context)), context.clock.now())
      const drill = drillFrom(context.run, policy, found)
      await parts.rows.drilled(drill)
      const summary = drill.passed ? `${found.label} is proven` : `${found.label} is not proven: ${drill.verdict}`
      return { evidence: { summary } }
    },
  })

const judgement = (parts: BackupParts, question: Question) =>
  defineCheck({
    name: `drill.${question}`,
    input: withFound,
    async run({ database, found }, _context) {
      const { policy } = await engineFor(parts, database)
      const { outcome, summary, details } = judged(question, found, policy.drill)
      const next = `Look at the database itself too, then drill again: /restore drill ${database}`
      return { outcome, summary, ...(details && { details }), ...(outcome === 'fail' && { next }), final: true }
    },
  })

const figures = () =>
  defineCheck({
    name: 'drill.figures',
    input: withFound,
    async run({ found }) {
      const { lossMs, restoreMs, recoveryMs } = found
      return { outcome: 'pass', summary: figuresOf(found), output: { lossMs, recoveryMs: restoreMs + recoveryMs } }
    },
  })
