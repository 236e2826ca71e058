import { type BackupKind, backupKinds } from '../../backups/backup.js'
import type { LiveBackup, Sight } from '../../backups/health.js'
import type { BackupBook } from '../../backups/ports.js'
import type { BackupPolicy } from '../../releases/backups/backup-policy.js'
import type { Catalogue } from '../../releases/catalogue.js'
import type { RunDesk } from '../../runs/ports.js'
import type { RunRecord } from '../../runs/run.js'
import { backupResources, drillResources } from './database.js'

export type SightParts = { catalogue: Catalogue; book: BackupBook; runs: Pick<RunDesk, 'list'> }

const dayMs = 86_400_000
/** Enough for the medians of each kind, hourly ones of weeks included. */
const mostBackups = 2_000
const mostDrills = 20
const growthDays = 30

/** All that our own rows tell of a database's backups, at once; nobody outside is asked. */
export async function sightOf({ catalogue, book, runs }: SightParts, policy: BackupPolicy, now: Date): Promise<Sight> {
  const { database } = policy
  const [backups, drills, samples, look, clockwork, live] = await Promise.all([
    book.backups(database, mostBackups),
    book.drills(database, mostDrills),
    book.samples(database, new Date(now.getTime() - growthDays * dayMs)),
    book.look(database),
    book.clockwork(database, now),
    liveRuns(runs, database),
  ])
  return {
    policy,
    ...{ backups, drills, samples, look },
    clockwork: { timetable: policy.schedule, zone: catalogue.zone, ...clockwork },
    live: live.flatMap(liveBackup),
  }
}

/** Live runs about a database, whatever they do with it. */
export async function liveRuns(runs: Pick<RunDesk, 'list'>, database: string): Promise<RunRecord[]> {
  const lines = [...backupResources(database), ...drillResources(database)]
  const found = await Promise.all(lines.map((resource) => runs.list({ resource, live: true, limit: 20 })))
  return found.flat()
}

function liveBackup({ id, intent, createdAt, startedAt }: RunRecord): LiveBackup[] {
  const kind = backupKinds.find((one) => one === intent.input.kind)
  return intent.job === 'backup' && kind ? [{ run: id, kind: kind as BackupKind, askedAt: createdAt, startedAt }] : []
}
