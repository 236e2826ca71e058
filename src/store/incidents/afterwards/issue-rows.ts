import type { IssueRow, IssueRows } from '../../../incidents/review/follow-ups.js'
import type { Database } from '../../database.js'

/** Follow-ups whose issue could not be opened so far. */
export const createIssueRows = (database: Database): IssueRows => ({
  of: (tasks) =>
    database.query<IssueRow>(
      `select task, tries, retry_at as "retryAt", given_up_at as "givenUpAt" from shipmate.incident_issues
       where task = any ($1)`,
      [tasks],
    ),
  failed: async (task, error, retryAt, at) => {
    await database.query(
      `insert into shipmate.incident_issues as i (task, tries, error, retry_at, given_up_at)
       values ($1, 1, $2, $3, case when $3::timestamptz is null then $4::timestamptz end)
       on conflict (task) do update set tries = i.tries + 1, error = excluded.error, retry_at = excluded.retry_at,
         given_up_at = excluded.given_up_at`,
      [task, error.replaceAll('\0', '').slice(0, 500), retryAt, at],
    )
  },
})
