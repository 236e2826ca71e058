import type { Asked, Occurrence, TickedAs } from '../../releases/routines/routine.js'
import type { Actor } from '../../runs/run.js'

/** An occurrence as it is read, straight from a query or out of JSON. */
export type OccurrenceRow = {
  id: number
  routine: string
  due_at: Date | string
  opened_at: Date | string
  until: Date | string
  asked: Asked | null
  missed_at: Date | string | null
  closed_at: Date | string | null
  ended: TickedAs | null
  ended_by: Actor | null
  ended_at: Date | string | null
  note: string | null
}

export function occurrenceOf(row: OccurrenceRow): Occurrence {
  const { id, routine, asked, ended, ended_by: by, ended_at: at, note } = row
  return {
    ...{ id, routine, asked },
    dueAt: new Date(row.due_at),
    openedAt: new Date(row.opened_at),
    until: new Date(row.until),
    missedAt: moment(row.missed_at),
    closedAt: moment(row.closed_at),
    ended: ended && by && at ? { as: ended, by, at: new Date(at), note: note ?? '' } : null,
  }
}

const moment = (value: Date | string | null): Date | null => (value === null ? null : new Date(value))
