import type { Database } from '../database.js'

/** When guides were gone through to their end. */
export type Rehearsals = { last(guide: string): Promise<Date | null> }

export const createRehearsals = (database: Database): Rehearsals => ({
  last: async (guide) => {
    const [row] = await database.query<{ at: Date | null }>(
      `select max(r.ended_at) as at from shipmate.runs r
       where r.intent ->> 'job' = 'guide' and r.state = 'done' and r.intent -> 'input' ->> 'guide' = $1`,
      [guide],
    )
    return row?.at ?? null
  },
})
