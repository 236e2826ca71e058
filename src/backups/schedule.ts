import type { ScheduledWork, Timetable } from '../releases/backups/backup-policy.js'
import { countMoments, lastMoment, nextMoment } from '../releases/backups/cron.js'
import { type BackupKind, backupKinds } from './backup.js'

/** The scheduled moment that was started last, for each work; none yet for those that never were. */
export type Starts = { [work in ScheduledWork]?: Date }

/** `missed`: moments before this one that nothing was started for. */
export type Due = { work: ScheduledWork; at: Date; missed: number }

export type Clockwork = {
  timetable: Timetable
  zone: string
  starts: Starts
  /** When the database was first looked after: nothing before counts as missed. */
  since: Date
}

const works: ScheduledWork[] = [...backupKinds, 'drill', 'verify']

/**
 * What is to be started now. Of many moments that passed only the last one is caught up with; of backups that are due at
 * once only the strongest is taken, and stands for the others.
 */
export function dueNow(clockwork: Clockwork, now: Date): { start: Due[]; stoodFor: Due[] } {
  const due = works.flatMap((work) => dueOf(clockwork, work, now) ?? [])
  const [strongest, ...weaker] = due.filter(({ work }) => isBackup(work))
  const others = due.filter(({ work }) => !isBackup(work))
  return { start: [...(strongest ? [strongest] : []), ...others], stoodFor: weaker }
}

export function dueOf({ timetable, zone, starts, since }: Clockwork, work: ScheduledWork, now: Date): Due | null {
  const text = timetable[work]
  const at = text === null ? null : lastMoment(text, zone, now)
  const from = starts[work] ?? since
  if (text === null || at === null || at <= from) return null
  return { work, at, missed: Math.max(0, countMoments(text, zone, from, at) - 1) }
}

/** What comes next, soonest first. */
export function comingUp(timetable: Timetable, zone: string, now: Date): { work: ScheduledWork; at: Date }[] {
  return works
    .flatMap((work) => {
      const text = timetable[work]
      const at = text === null ? null : nextMoment(text, zone, now)
      return at ? [{ work, at }] : []
    })
    .sort((a, b) => a.at.getTime() - b.at.getTime())
}

export const isBackup = (work: ScheduledWork): work is BackupKind => (backupKinds as readonly string[]).includes(work)

/** Whether a backup of this kind is as good as one of that kind, or better. */
export const standsFor = (kind: BackupKind, wanted: BackupKind): boolean =>
  backupKinds.indexOf(kind) <= backupKinds.indexOf(wanted)
