import type { BackupDesk } from '../../backups/ports.js'
import type { Database } from '../database.js'
import { toJson } from '../rows.js'

/** What runs and the keeper write of backups. */
export function createBackupDesk(database: Database): BackupDesk {
  return {
    seen: async (name, holding, at) => {
      await database.query('select shipmate.keep_holding($1, $2, $3)', [name, toJson(holding), at])
    },
    unseen: async (name, problem, at) => {
      await database.query(
        `insert into shipmate.backup_databases as d (name, since, problem, problem_since) values ($1, $3, $2, $3)
         on conflict (name) do update set problem = excluded.problem,
           problem_since = coalesce(d.problem_since, excluded.problem_since)`,
        [name, toJson(problem), at],
      )
    },
    taken: async (name, backup) => {
      await database.query('select shipmate.keep_backup($1, $2)', [name, toJson(backup)])
    },
    verified: async (name, labels, defects, at) => {
      await database.query(
        `update shipmate.backups set verified_at = $4, defects = $3 where database = $1 and label = any ($2)
           and (verified_at is null or verified_at <= $4)`,
        [name, labels, toJson(defects), at],
      )
    },
    cost: async (name, label, cost) => {
      const query = 'update shipmate.backups set cost = $3 where database = $1 and label = $2'
      await database.query(query, [name, label, toJson(cost)])
    },
    removed: async (name, labels, at) => {
      await database.query(
        'update shipmate.backups set gone_at = $3 where database = $1 and label = any ($2) and gone_at is null',
        [name, labels, at],
      )
    },
    drilled: async (drill) => {
      await database.query('select shipmate.keep_drill($1)', [toJson(drill)])
    },
    started: async (name, work, due, run, at) => {
      await database.query(
        `insert into shipmate.backup_starts as s (database, work, due, run, at) values ($1, $2, $3, $4, $5)
         on conflict (database, work) do update set due = excluded.due, run = excluded.run, at = excluded.at
           where s.due < excluded.due`,
        [name, work, due, run, at],
      )
    },
  }
}
