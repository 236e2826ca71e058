import type { Sample } from '../../backups/growth.js'
import type { BackupBook } from '../../backups/ports.js'
import type { ScheduledWork } from '../../releases/backups/backup-policy.js'
import type { Database } from '../database.js'
import { type BackupRow, type DrillRow, drillOf, knownBackup, type LookRow, lastLook } from './backup-rows.js'

/** What is known of backups, from rows. */
export function createBackupBook(database: Database): BackupBook {
  return {
    backups: async (name, limit) => {
      const query = 'select * from shipmate.backups where database = $1 order by ended_at desc, label desc limit $2'
      return (await database.query<BackupRow>(query, [name, limit])).map(knownBackup)
    },
    drills: async (name, limit) => {
      const query = 'select figures from shipmate.backup_drills where database = $1 order by at desc, run desc limit $2'
      return (await database.query<DrillRow>(query, [name, limit])).map(drillOf)
    },
    look: async (name) => {
      const [row] = await database.query<LookRow>('select * from shipmate.backup_databases where name = $1', [name])
      return row ? lastLook(row) : null
    },
    samples: (name, since) =>
      database.query<Sample>(
        `select distinct on (date_trunc('hour', at, 'UTC') - extract(hour from at)::int % 6 * interval '1 hour')
           at, stored_bytes as "storedBytes", free_bytes as "freeBytes", database_bytes as "databaseBytes"
         from shipmate.backup_growth where database = $1 and at >= $2
         order by date_trunc('hour', at, 'UTC') - extract(hour from at)::int % 6 * interval '1 hour', at desc`,
        [name, since],
      ),
    clockwork: async (name, now) => {
      const read = 'select since from shipmate.backup_databases where name = $1'
      const [row] = await database.query<{ since: Date }>(read, [name])
      // Whoever looks first begins to look after it.
      const first = 'insert into shipmate.backup_databases (name, since) values ($1, $2) on conflict do nothing'
      if (!row) await database.query(first, [name, now])
      const rows = await database.query<{ work: ScheduledWork; due: Date }>(
        'select work, due from shipmate.backup_starts where database = $1',
        [name],
      )
      return { starts: Object.fromEntries(rows.map(({ work, due }) => [work, due])), since: row?.since ?? now }
    },
  }
}
