import { z } from 'zod'
import { isSound } from '../../backups/backup.js'
import { isThere } from '../../backups/known.js'
import { proofOf } from '../../backups/proof.js'
import { shownBytes } from '../../backups/sizes.js'
import { latestMoment } from '../../backups/window.js'
import { shownDuration } from '../../releases/durations.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { costCheck } from './cost.js'
import { type BackupParts, contextOf, engineFor } from './parts.js'
import { chainOf, defectWords } from './verified.js'

const onDatabase = z.object({ database: z.string() })

/** The checks of plans about backups. */
export function backupChecks(parts: BackupParts): Check[] {
  return [ready(parts), room(parts), readBack(parts), costCheck(parts), there(parts), proven(parts)]
}

/** The engine says itself what is missing; it is the world that does not let anybody back up, so this fails. */
const ready = (parts: BackupParts) =>
  defineCheck({
    name: 'backups.ready',
    input: onDatabase,
    async run({ database }, context) {
      const { engine } = await engineFor(parts, database)
      const { summary } = await engine.ready(contextOf(context))
      return { outcome: 'pass', summary }
    },
  })

/** By what the last ones of this kind took; what cannot be told is said and lets it go on. */
const room = (parts: BackupParts) =>
  defineCheck({
    name: 'backups.room',
    input: onDatabase.extend({ kind: z.string() }),
    async run({ database, kind }, context) {
      const { engine } = await engineFor(parts, database)
      const { freeBytes, backups } = await engine.holding(contextOf(context))
      if (freeBytes === null) return { outcome: 'skip', summary: 'the storage does not say how much is free' }
      const like = backups.filter((one) => one.kind === kind).slice(-5)
      const needed = Math.max(0, ...like.map(({ storedBytes }) => storedBytes))
      const words = `${shownBytes(freeBytes)} free`
      if (like.length === 0)
        return { outcome: freeBytes > 0 ? 'pass' : 'fail', summary: `${words}; no ${kind} one tells yet what it takes` }
      const limit = shownBytes(needed)
      const next = 'Make room there, or keep less: backups.keep in the operator’s file.'
      if (freeBytes < needed) return { outcome: 'fail', summary: words, limit, next }
      return { outcome: 'pass', summary: `${words}, the last ${kind} ones took up to ${limit}` }
    },
  })

/** Every byte of one backup and of what it needs; what was found is remembered with it. */
const readBack = (parts: BackupParts) =>
  defineCheck({
    name: 'backups.read-back',
    input: onDatabase.extend({ label: z.string() }),
    async run({ database, label }, context): Promise<CheckResult> {
      const { engine } = await engineFor(parts, database)
      const about = contextOf(context)
      const { backups } = await engine.holding(about)
      const chain = chainOf(backups, label)
      if (chain.length === 0)
        return {
          outcome: 'fail',
          summary: `the storage does not list ${label}`,
          next: 'Take another one.',
          final: true,
        }
      const began = context.clock.now()
      const found = await engine.verify(label, about)
      const at = context.clock.now()
      const defects = defectWords(found)
      const sound = isSound(found)
      // Which one of the chain a defect is in, the engine's words tell; the newest one cannot be restored either way.
      await parts.rows.verified(database, sound ? chain : [label], defects, at)
      const took = shownDuration(at.getTime() - began.getTime())
      const read = `${found.files} files, ${shownBytes(found.bytes)}, ${took}`
      if (sound) return { outcome: 'pass', summary: `read back whole: ${read}`, value: label }
      return {
        outcome: 'fail',
        summary: `${label} is damaged: ${defects[0]}`,
        details: { read, defects: defects.slice(0, 20) },
        next: `Take another one: /backup ${database} full`,
        final: true,
      }
    },
  })

const there = (parts: BackupParts) =>
  defineCheck({
    name: 'backups.there',
    input: onDatabase,
    async run({ database }, context) {
      const { engine } = await engineFor(parts, database)
      const held = await engine.holding(contextOf(context))
      const latest = latestMoment(held)
      const next = `Take one first: /backup ${database} full`
      if (!latest || held.backups.length === 0) return { outcome: 'fail', summary: `${database} has no backup`, next }
      const age = context.clock.now().getTime() - latest.getTime()
      return { outcome: 'pass', summary: `the latest moment is ${shownDuration(Math.max(0, age))} ago` }
    },
  })

/** The gate of deploys. */
const proven = (parts: BackupParts) =>
  defineCheck({
    name: 'backups.proven',
    input: onDatabase.extend({ limit: z.number() }),
    async run({ database, limit }, { clock }) {
      const backups = await parts.rows.backups(database, 1_000)
      const proof = proofOf(database, backups.filter(isThere), limit, clock.now())
      if (proof.holds) return { outcome: 'pass', summary: proof.words }
      return { outcome: 'fail', summary: proof.words, next: proof.next }
    },
  })
