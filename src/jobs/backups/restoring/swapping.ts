import { z } from 'zod'
import { comparisonWords, differencesOf, differenceWords } from '../../../backups/comparing.js'
import { tookOf } from '../../../backups/restored.js'
import { openings } from '../../../backups/swap.js'
import { asShipmateError } from '../../../errors.js'
import { shownDuration } from '../../../releases/durations.js'
import { type Action, type Check, defineAction, defineCheck, type StepContext } from '../../../runs/abilities.js'
import { contextOf, engineFor } from '../parts.js'
import { type RestoreParts, scratchOf } from './parts.js'

const onDatabase = z.object({ database: z.string() })
const counted = z.array(z.object({ table: z.string(), rows: z.number() }))
const withFound = onDatabase.extend({ found: z.object({ rows: counted, lossMs: z.number() }) })
/** Whose swap: the run's own, or an earlier one that is taken back. */
const ofRun = onDatabase.extend({ of: z.number().int().optional() })

export const swapChecks = (parts: RestoreParts): Check[] => [compare(parts), live(parts), kept(parts), figures(parts)]

export const swapActions = (parts: RestoreParts): Action[] => [
  stage(parts),
  close(parts),
  open(parts),
  ...(['unstage', 'swap', 'back'] as const).map((what) => placing(parts, what)),
]

/** Rows now against rows then, for the people who decide. */
const compare = (parts: RestoreParts) =>
  defineCheck({
    name: 'restore.compare',
    input: withFound,
    async run({ database, found }, context) {
      const { policy } = await engineFor(parts, database)
      try {
        const now = await (await parts.surroundings(database)).live.rows(policy.drill.tables, contextOf(context))
        const differences = differencesOf(now, found.rows)
        const details = Object.fromEntries(
          differences.slice(0, 100).map((one) => [one.table, differenceWords(one).replace(`${one.table}: `, '')]),
        )
        return { outcome: 'pass', summary: comparisonWords(differences, found.rows.length), details }
      } catch (thrown) {
        if (context.signal.aborted) throw thrown
        const { message } = asShipmateError(thrown)
        return { outcome: 'warn', summary: `the live data cannot be looked at: ${message}` }
      }
    },
  })

/** The live server has what was verified: every table with as many rows at least. */
const live = (parts: RestoreParts) =>
  defineCheck({
    name: 'restore.live',
    input: withFound,
    async run({ database, found }, context) {
      const { policy } = await engineFor(parts, database)
      const { live, swap } = await parts.surroundings(database)
      const placed = await swap.placed(context.run, contextOf(context))
      if (placed !== 'restored')
        return { outcome: 'fail', summary: 'the restored data is not in its place', final: true }
      const now = await live.rows(policy.drill.tables, contextOf(context))
      const fewer = found.rows.filter(({ table, rows }) => (now.find((one) => one.table === table)?.rows ?? -1) < rows)
      const rows = now.reduce((sum, one) => sum + one.rows, 0)
      if (fewer.length === 0)
        return { outcome: 'pass', summary: `${now.length} tables with ${rows.toLocaleString('en')} rows, as verified` }
      return {
        outcome: 'fail',
        summary: `fewer rows than were verified in ${fewer.map(({ table }) => table).join(', ')}`,
        next: 'The old data is kept; take the swap back.',
      }
    },
  })

const kept = (parts: RestoreParts) =>
  defineCheck({
    name: 'restore.kept',
    input: onDatabase.extend({ of: z.number().int() }),
    async run({ database, of }, context) {
      const { swap } = await parts.surroundings(database)
      const placed = await swap.placed(of, contextOf(context))
      if (placed !== 'old') return { outcome: 'pass', summary: `${swap.keptAs(of)} is there` }
      return {
        outcome: 'fail',
        summary: `#${of} left no old data behind: it did not swap, or was taken back already`,
        next: 'Nothing to undo.',
        final: true,
      }
    },
  })

/** What it took, from the run's own steps: people read it on the card, and the next one is planned by it. */
const figures = (parts: RestoreParts) =>
  defineCheck({
    name: 'restore.figures',
    input: z.object({ database: z.string() }),
    async run({ database }, context) {
      const view = await parts.runs.view(context.run)
      const ms = view ? tookOf(view) : null
      if (!ms) return { outcome: 'warn', summary: `when ${database} was let in again is not known` }
      const { rtoMs, peopleMs, pausedMs } = ms
      const people = peopleMs > 0 ? `, ${shownDuration(peopleMs)} of it until people had signed off` : ''
      return {
        outcome: 'pass',
        summary: `whole again after ${shownDuration(rtoMs)}${people}; the application was paused for ${shownDuration(pausedMs)}`,
        output: ms,
      }
    },
  })

const stage = (parts: RestoreParts) =>
  defineAction({
    name: 'restore.stage',
    input: onDatabase,
    // Named after the run, and each attempt writes where no other does: what has the name is whole. Waiting an attempt out
    // that was cut off would take as long as a step may.
    fence: 'key',
    async run({ database }, context) {
      const about = contextOf(context)
      const { swap, pausing } = await parts.surroundings(database)
      const yard = await parts.yards(database)
      const staged = { run: context.run, yard, folder: '' }
      const folder = await scratchOf(yard, context.run)
      if (swap.name === 'folder') await closedBefore(parts, database, folder, context)
      context.progress({ done: 0, total: 0, text: `${pausing.name} is told of it` })
      const { summary } = await swap.stage({ ...staged, folder }, about)
      return { evidence: { summary } }
    },
  })

/** A folder brings its own settings: whoever may not get in now may not get in there either, until it is opened. */
async function closedBefore(parts: RestoreParts, database: string, folder: string, context: StepContext) {
  const { pausing, swap } = await parts.surroundings(database)
  const about = contextOf(context)
  if ((await swap.placed(context.run, about)) !== 'old') return
  const yard = await parts.yards(database)
  const server = await yard.start(folder, about).catch((thrown) => {
    // An attempt before this one has put them in their place already.
    if (asShipmateError(thrown).code === 'scratch-files-broken') return null
    throw thrown
  })
  if (!server) return
  try {
    await pausing.closeRestored(server.url, about)
  } finally {
    await server.stop()
  }
}

/** Names of what is done to the data that is in its place, each looking first what is so. */
const placing = (parts: RestoreParts, what: 'unstage' | 'swap' | 'back') =>
  defineAction({
    name: `restore.${what}`,
    input: ofRun,
    // Neither a folder nor a server compares generations: whoever takes over waits the old attempt out, and looks.
    fence: 'none',
    async run({ database, of }, context) {
      const { swap } = await parts.surroundings(database)
      const { summary } = await swap[what](of ?? context.run, contextOf(context))
      return { evidence: { summary } }
    },
  })

const close = (parts: RestoreParts) =>
  defineAction({
    name: 'restore.close',
    input: onDatabase,
    fence: 'none',
    async run({ database }, context) {
      const { pausing } = await parts.surroundings(database)
      return { evidence: await pausing.close(contextOf(context)) }
    },
  })

const open = (parts: RestoreParts) =>
  defineAction({
    name: 'restore.open',
    input: onDatabase.extend({ how: z.enum(openings) }),
    fence: 'none',
    async run({ database, how }, context) {
      const { pausing } = await parts.surroundings(database)
      return { evidence: await pausing.open(how, contextOf(context)) }
    },
  })
