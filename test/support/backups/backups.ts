import type { Backup } from '../../../src/backups/backup.js'
import type { Drill, KnownBackup } from '../../../src/backups/known.js'
import type { BackupPolicy } from '../../../src/releases/backups/backup-policy.js'

export const hour = 3_600_000
export const day = 24 * hour

const gigabyte = 1_000_000_000

/** A sound full backup of shop that ended at that moment; its label says its kind and time. */
export function backup(endedAt: Date, more: Partial<KnownBackup> = {}): KnownBackup {
  const kind = more.kind ?? 'full'
  const letter = { full: 'F', differential: 'D', incremental: 'I' }[kind]
  const taken: Backup = {
    label: `${endedAt.toISOString().replace(/[-:]|\..*/g, '')}${letter}`,
    kind,
    parent: null,
    startedAt: new Date(endedAt.getTime() - 60_000),
    endedAt,
    databaseBytes: 3 * gigabyte,
    storedBytes: kind === 'full' ? gigabyte : gigabyte / 20,
    startLsn: '0/2000028',
    stopLsn: '0/3000028',
    timeline: 1,
    run: null,
    faults: [],
  }
  const known = { verifiedAt: endedAt, defects: [], provenAt: null, provenBy: null, goneAt: null, cost: null }
  return { database: 'shop', ...taken, ...known, ...more }
}

export function drill(at: Date, more: Partial<Drill> = {}): Drill {
  return {
    run: 481,
    database: 'shop',
    label: '20261126T020000F',
    at,
    passed: true,
    verdict: 'all held',
    lossMs: 12_000,
    restoreMs: 180_000,
    recoveryMs: 24_000,
    checkMs: 60_000,
    bytes: 3 * gigabyte,
    tables: 12,
    rows: 200_000,
    newestAt: at,
    ...more,
  }
}

/** Full at 02:00, an increment each hour, a drill on Sundays at 04:00. */
export function policy(more: Partial<BackupPolicy> = {}): BackupPolicy {
  const storage = { kind: 'path', path: '/srv/backups', compression: 'auto', encryption: null } as const
  return {
    database: 'shop',
    engine: { driver: 'embedded', url: null, bin: null, storage },
    schedule: { full: '0 2 * * *', differential: null, incremental: '30 * * * *', drill: '0 4 * * 0', verify: null },
    grace: 45 * 60_000,
    keep: { fulls: 2, days: 14, hourly: 0, daily: 0, weekly: 0, monthly: 0 },
    proven: 8 * day,
    beforeMigrations: true,
    loss: null,
    room: 14,
    scratch: { folder: null, superuser: 'postgres', preload: [] },
    restore: null,
    drill: { tables: [], newest: null, invariants: [] },
    ...more,
  }
}
