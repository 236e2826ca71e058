import { z } from 'zod'
import type { RestorePoint } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { choiceOf, lossWords } from '../../../backups/restoring.js'
import { shownBytes } from '../../../backups/sizes.js'
import { latestMoment, pointWords, secondIn } from '../../../backups/window.js'
import { asShipmateError, failed } from '../../../errors.js'
import type { JsonObject } from '../../../json.js'
import { shownDuration } from '../../../releases/durations.js'
import { type Action, type Check, defineAction, defineCheck, type StepContext } from '../../../runs/abilities.js'
import { contextOf, engineFor } from '../parts.js'
import { clearScratch, scratchKey } from '../scratch.js'
import { pointShape, type RestoreParts } from './parts.js'

const atPoint = z.object({ database: z.string(), point: pointShape })

export const scratchChecks = (parts: RestoreParts): Check[] => [able(parts), handOver(parts), reachable(parts)]
export const scratchActions = (parts: RestoreParts): Action[] => [restore(parts), clear(parts)]

/** All that a restore will need, looked at before anything is done: engine, swap, pause, room. */
const able = (parts: RestoreParts) =>
  defineCheck({
    name: 'restore.able',
    input: z.object({ database: z.string() }),
    async run({ database }, context) {
      const about = contextOf(context)
      const { engine } = await engineFor(parts, database)
      const { swap, pausing } = await parts.surroundings(database)
      const { backups } = await engine.holding(about)
      const bytes = backups.at(-1)?.databaseBytes ?? 0
      const said = [await swap.ready(bytes, about), await pausing.ready(about)]
      return { outcome: 'pass', summary: said.map(({ summary }) => summary).join('; ') }
    },
  })

/** Whether the storage can bring that moment back, now that the newest WAL was handed over. */
const reachable = (parts: RestoreParts) =>
  defineCheck({
    name: 'restore.reachable',
    input: atPoint,
    async run({ database, point }, context) {
      const { engine } = await engineFor(parts, database)
      const held = await engine.holding(contextOf(context))
      const shown = secondIn(parts.catalogue.zone)
      const now = context.clock.now()
      const choice = choiceOf(point as RestorePoint, { held, changes: [], drills: [], now, shown })
      if (choice.refused)
        return { outcome: 'fail', summary: choice.refused.why, next: choice.refused.next, final: true }
      // Handed over is what could be: by now the latest moment is the end of the archive.
      if (point.kind === 'latest') {
        const loss = lossWords(latestMoment(held) ?? now, now)
        return { outcome: 'pass', summary: `${choice.title} can be had: ${loss}` }
      }
      if (choice.handedOverFirst) return { outcome: 'fail', summary: 'its WAL is not in the archive yet' }
      return { outcome: 'pass', summary: `${choice.title} can be had: ${choice.loss}` }
    },
  })

/**
 * What the server still has for itself goes into the archive: young moments need it, and so does the way back. It only
 * hurries what happens anyway, so it looks rather than acts.
 */
const handOver = (parts: RestoreParts) =>
  defineCheck({
    name: 'restore.hand-over',
    input: z.object({ database: z.string(), name: z.boolean().default(false) }),
    async run({ database, name }, context) {
      const point = name ? `before_restore_${context.run}` : null
      try {
        const { live } = await parts.surroundings(database)
        const { summary, archived } = await live.handOver(point, contextOf(context))
        if (point && !archived) await fetched(parts, database, context)
        return { outcome: 'pass', summary: point ? `${summary}; this moment is called ${point}` : summary }
      } catch (thrown) {
        if (context.signal.aborted) throw thrown
        const { message, next } = asShipmateError(thrown)
        return { outcome: 'warn', summary: `only what the archive has already: ${message}`, ...(next && { next }) }
      }
    },
  })

/** After this moment the server is another one, whose WAL does not lead here. */
async function fetched(parts: RestoreParts, database: string, context: StepContext): Promise<void> {
  const { engine } = await engineFor(parts, database)
  const { archive } = await engine.holding(contextOf(context))
  if (archive?.failing) throw failed('restore-not-handed-over', archive.failing)
}

/** Restores, starts and asks in one act; the server is stopped and its files stay for the swap. */
const restore = (parts: RestoreParts) =>
  defineAction({
    name: 'restore.scratch',
    input: atPoint,
    // The scratch is named after the run: what another attempt wrote is removed, and nobody else's is touched.
    fence: 'key',
    async run({ database, point }, context) {
      const about = contextOf(context)
      const found = await intoScratch(parts, database, point as RestorePoint, context.run, about)
      const took = shownDuration(found.restoreMs + found.recoveryMs)
      const summary = `${shownBytes(found.bytes)} from ${found.label} to ${pointWords(point as RestorePoint, parts.catalogue.zone)}, connections accepted after ${took}`
      return { evidence: { summary, value: found.label }, output: { found: found as unknown as JsonObject } }
    },
  })

const most = 50
const mostTables = 5_000

async function intoScratch(
  parts: RestoreParts,
  database: string,
  point: RestorePoint,
  run: number,
  about: EngineContext,
) {
  const { engine, policy } = await engineFor(parts, database)
  const yard = await parts.yards(database)
  await clearScratch(yard, run)
  const { backups } = await engine.holding(about)
  const [newest, at] = [backups.at(-1), about.clock.now()]
  if (!newest) throw failed('backup-none', `${database} has no backup that could be restored.`)
  const folder = await yard.folder(scratchKey(run), newest.databaseBytes)
  const restored = await engine.restore({ point, into: folder }, about)
  about.signal.throwIfAborted()
  const server = await yard.start(folder, about)
  try {
    const began = about.clock.now().getTime()
    const { tables, newest: column, invariants } = policy.drill
    const looked = await server.ask({ tables, newest: column, invariants }, about)
    const moment = point.kind === 'time' ? point.at : at
    return {
      ...looked,
      structure: { ...looked.structure, problems: looked.structure.problems.slice(0, most) },
      rows: looked.rows.slice(0, mostTables),
      orphans: looked.orphans.slice(0, most),
      newestAt: looked.newestAt?.toISOString() ?? null,
      label: restored.from.label,
      // The age of what came back is told against the moment that was asked for.
      at: moment.toISOString(),
      lossMs: Math.max(0, at.getTime() - moment.getTime()),
      restoreMs: restored.tookMs,
      recoveryMs: server.recoveredInMs,
      checkMs: about.clock.now().getTime() - began,
      bytes: restored.bytes,
    }
  } finally {
    await server.stop()
  }
}

const clear = (parts: RestoreParts) =>
  defineAction({
    name: 'restore.clear',
    input: z.object({ database: z.string() }),
    // Removing what is not there is no error.
    fence: 'key',
    async run({ database }, { run }) {
      const gone = await clearScratch(await parts.yards(database), run)
      return { evidence: { summary: gone === 0 ? 'nothing was left' : 'the scratch is gone' } }
    },
  })
