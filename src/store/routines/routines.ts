import type { RoutineBook, RoutineDesk, RoutineTelling } from '../../releases/routines/ports.js'
import type { Database } from '../database.js'
import { auditText, toJson, wordsHash } from '../rows.js'
import { type OccurrenceRow, occurrenceOf } from './routine-rows.js'
import { createRoutineTelling } from './routine-telling.js'

export type Routines = RoutineBook & RoutineDesk & RoutineTelling

/** Recurring work in rows: what was due, what became of it, and what is still to be told of it. */
export const createRoutines = (database: Database): Routines => ({
  ...createRoutineBook(database),
  ...createRoutineDesk(database),
  ...createRoutineTelling(database),
})

type KeptRow = { name: string; since: Date; last: Date | null }

const createRoutineBook = (database: Database): RoutineBook => ({
  keep: async (routines, now) => {
    const query = 'select * from shipmate.keep_routines($1, $2)'
    const rows = await database.query<KeptRow>(query, [toJson(routines), now])
    return Object.fromEntries(rows.map(({ name, since, last }) => [name, { since, last }]))
  },
  open: async (openings, now) => {
    await database.query('select shipmate.open_routines($1, $2)', [toJson(openings), now])
  },
  late: (now) => occurrences(database, `${openOnes} and missed_at is null and until <= $1 order by until, id`, [now]),
  missed: async (ones, now) => {
    const called = Object.fromEntries(ones.map(({ id, called }) => [String(id), called]))
    await database.query('select shipmate.miss_routines($1, $2)', [toJson(called), now])
  },
})

type StandingRow = { routine: string; newest: OccurrenceRow | null; done: OccurrenceRow | null; missed: number }

const createRoutineDesk = (database: Database): RoutineDesk => ({
  standings: async (names, since, now) => {
    const rows = await database.query<StandingRow>(standingQuery, [names, since, now])
    return rows.map(({ routine, newest, done, missed }) => ({
      ...{ routine, missed },
      newest: newest && occurrenceOf(newest),
      lastDone: done && occurrenceOf(done),
    }))
  },
  openNow: () => occurrences(database, `${openOnes} order by until, id`, []),
  occurrence: async (id) => {
    const [found] = await occurrences(database, 'id = $1', [id])
    return found ?? null
  },
  end: async ({ id, routine, dueAt }, { as, by, note, late }, now) => {
    const acts = { done: 'did a routine', skipped: 'skipped a routine' }
    const subject = { routine, due: dueAt.toISOString(), late, ...wordsHash(note) }
    const entry = auditText({ actor: by, act: acts[as], subject }, now)
    const query = 'select shipmate.end_routine($1, $2, $3, $4, $5, $6) as ended'
    const [row] = await database.query<{ ended: boolean }>(query, [id, as, toJson(by), note, now, entry])
    return row?.ended ?? false
  },
})

/** Those of which somebody can still say what became of them. */
const openOnes = 'ended is null and closed_at is null and asked is not null'

async function occurrences(database: Database, where: string, values: unknown[]) {
  const rows = await database.query<OccurrenceRow>(`select * from shipmate.routine_occurrences where ${where}`, values)
  return rows.map(occurrenceOf)
}

/** What was missed and done later was missed. */
const standingQuery = `select n.name as routine, to_jsonb(newest) as newest, to_jsonb(done) as done, m.missed
  from unnest($1::text[]) with ordinality as n (name, at)
  left join lateral (select * from shipmate.routine_occurrences where routine = n.name and asked is not null
    order by due_at desc limit 1) newest on true
  left join lateral (select * from shipmate.routine_occurrences where routine = n.name and ended = 'done'
    order by due_at desc limit 1) done on true
  cross join lateral (select count(*) as missed from shipmate.routine_occurrences
    where routine = n.name and due_at > $2 and (missed_at is not null
      or coalesce(ended_at, case when closed_at is null then $3::timestamptz end) >= until)) m
  order by n.at`
