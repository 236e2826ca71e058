import { z } from 'zod'
import { type Backup, backupKinds, isSound } from '../../backups/backup.js'
import { isFilesEngine } from '../../backups/files.js'
import { createMeter } from '../../backups/meter.js'
import { rotation } from '../../backups/retention.js'
import { shownBytes } from '../../backups/sizes.js'
import { failed } from '../../errors.js'
import { shownDuration } from '../../releases/durations.js'
import { type Action, defineAction } from '../../runs/abilities.js'
import { costWhile } from './cost.js'
import { type BackupParts, contextOf, engineFor } from './parts.js'
import { chainOf, defectWords } from './verified.js'

const onDatabase = z.object({ database: z.string() })

/** The actions of plans about backups. */
export function backupActions(parts: BackupParts): Action[] {
  return [take(parts), clean(parts), verify(parts), rotate(parts)]
}

/** The engine keeps the key beside the backup: an attempt that follows a killed one finds what it left, or cleans it. */
const take = (parts: BackupParts) =>
  defineAction({
    name: 'backups.take',
    input: onDatabase.extend({ kind: z.enum(backupKinds) }),
    fence: 'key',
    async run({ database, kind }, context) {
      const { engine } = await engineFor(parts, database)
      const about = contextOf(context)
      if (context.attempt > 1) await engine.clean(about)
      const { backup, cost } = await costWhile(parts, database, context, () =>
        engine.take({ kind, key: context.key, run: context.run }, about),
      )
      context.signal.throwIfAborted()
      await parts.rows.taken(database, backup)
      await parts.rows.cost(database, backup.label, { application: null, database: cost })
      const fault = faultOf(backup)
      if (fault)
        throw failed('backup-empty', `The backup of ${database} cannot be counted on: ${fault}`, {
          wanted: 'a backup that holds the database',
          came: `${backup.label}: ${shownBytes(backup.databaseBytes)} of data, ${shownBytes(backup.storedBytes)} stored`,
          next: 'Look at the server’s log and at the storage, then take another one.',
        })
      const took = shownDuration(backup.endedAt.getTime() - backup.startedAt.getTime())
      const size = `${shownBytes(backup.storedBytes)} stored of ${shownBytes(backup.databaseBytes)}`
      const { label, storedBytes, databaseBytes } = backup
      return {
        evidence: {
          summary: [`${backup.kind}, ${size}, in ${took}`, ...(backup.notes ?? []).slice(0, 2)].join(' · '),
          value: label,
          ...(backup.notes && { details: { notes: backup.notes } }),
        },
        output: { label, kind: backup.kind, storedBytes, databaseBytes },
      }
    },
  })

/** Success that stored nothing is what this field is famous for. */
function faultOf({ databaseBytes, storedBytes, faults }: Backup): string | null {
  if (databaseBytes <= 0 || storedBytes <= 0) return 'it is empty'
  return faults[0] ?? null
}

const clean = (parts: BackupParts) =>
  defineAction({
    name: 'backups.clean',
    input: onDatabase,
    // Cleaning twice is cleaning once.
    fence: 'key',
    async run({ database }, context) {
      const { engine } = await engineFor(parts, database)
      const { removed } = await engine.clean(contextOf(context))
      const found = removed.length === 0 ? 'nothing was left behind' : `removed ${removed.slice(0, 5).join(', ')}`
      return { evidence: { summary: found } }
    },
  })

const verify = (parts: BackupParts) =>
  defineAction({
    name: 'backups.verify',
    input: onDatabase,
    // It only reads.
    fence: 'key',
    async run({ database }, context) {
      const { engine } = await engineFor(parts, database)
      const about = contextOf(context)
      const { backups } = await engine.holding(about)
      // Where all share what is stored, it is read once; only when something is wrong does each tell whether it is hit.
      const whole = isFilesEngine(engine) ? await engine.verify(null, about) : null
      const shared = whole !== null && isSound(whole) && backups.length > 0
      if (shared)
        await parts.rows.verified(
          database,
          backups.map(({ label }) => label),
          [],
          context.clock.now(),
        )
      const meter = createMeter(context.clock, sumOf(backups), context.progress)
      let [files, bytes] = [0, 0]
      const damaged: string[] = []
      if (shared) [files, bytes] = [whole.files, whole.bytes]
      // One after the other, so that what is damaged has a name. Those that stand on it are read with it.
      for (const label of shared ? [] : tips(backups)) {
        const found = await engine.verify(label, about)
        context.signal.throwIfAborted()
        ;[files, bytes] = [files + found.files, bytes + found.bytes]
        meter(bytes)
        const sound = isSound(found)
        const words = defectWords(found)
        await parts.rows.verified(database, sound ? chainOf(backups, label) : [label], words, context.clock.now())
        if (!sound) damaged.push(`${label}: ${words[0]}`)
      }
      if (whole && !shared && damaged.length === 0 && backups.length > 0) damaged.push(`${defectWords(whole)[0]}`)
      if (damaged.length > 0)
        throw failed('backup-damaged', `${damaged.length} of the backups of ${database} cannot be counted on.`, {
          wanted: 'every byte as it was written',
          came: damaged.slice(0, 3).join('; '),
          next: `Take a fresh one: /backup ${database} full`,
          details: { damaged },
        })
      if (backups.length === 0)
        throw failed('backup-none', `${database} has no backup that could be read.`, {
          next: `Take one: /backup ${database} full`,
        })
      const counted = backups.length === 1 ? 'the one backup' : `all ${backups.length} backups`
      return { evidence: { summary: `${counted} read back whole: ${files} files, ${shownBytes(bytes)}` } }
    },
  })

const sumOf = (backups: Backup[]) => backups.reduce((sum, { storedBytes }) => sum + storedBytes, 0)

/** Those that no other one needs: reading them back reads all. */
const tips = (backups: Backup[]): string[] =>
  backups.filter(({ label }) => !backups.some(({ parent }) => parent === label)).map(({ label }) => label)

const rotate = (parts: BackupParts) =>
  defineAction({
    name: 'backups.rotate',
    input: onDatabase,
    // Labels are the key: what is gone cannot be removed again, and a label never comes back.
    fence: 'key',
    async run({ database }, context) {
      const { engine, policy } = await engineFor(parts, database)
      const about = contextOf(context)
      const now = context.clock.now()
      const before = await engine.holding(about)
      await parts.rows.seen(database, before, now)
      const known = await parts.rows.backups(database, 10_000)
      const proven = new Set(known.filter((one) => one.provenAt && one.defects.length === 0).map(({ label }) => label))
      const held = before.backups.map((one) => ({ ...one, proven: proven.has(one.label) }))
      const { keep, remove } = rotation(held, policy.keep, parts.catalogue.zone, now)
      if (remove.length === 0) return { evidence: { summary: `all ${keep.length} stay` } }
      const { freedBytes } = await engine.remove(remove, about)
      await parts.rows.seen(database, await engine.holding(about), context.clock.now())
      const gone = remove.length === 1 ? '1 is gone' : `${remove.length} are gone`
      return {
        evidence: {
          summary: `${gone}, ${shownBytes(freedBytes)} freed; ${keep.length} stay`,
          details: { gone: remove },
        },
      }
    },
  })
