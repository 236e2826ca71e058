import type { Board, Boards, LearntLimit, ShownRun } from '../../runs/boards.js'
import type { Database } from '../database.js'
import { runView, type ViewRow, viewOf } from '../rows.js'

/** Boards in rows. Rows of an ended board are gone, so that only open boards have runs. */
export function createBoards(database: Database): Boards {
  return {
    look: async () => {
      const runs = await database.query<ShownRun>(shownQuery)
      const boards = await database.query<Board>(
        'select id, channel, ts from shipmate.boards where ended_at is null order by id',
      )
      return { boards, runs }
    },
    views: async (runs) => {
      if (runs.length === 0) return []
      return (await database.query<ViewRow>(`${viewOf} where r.id = any($1::bigint[])`, [runs])).map(runView)
    },
    opened: async ({ channel, ts }, now) => {
      const [row] = await database.query<Board>(openStatement, [channel, ts, now])
      if (!row) throw new Error('the board that was just written cannot be read')
      return row
    },
    drawn: async (board, runs, now) => {
      const [numbers, versions] = [runs.map(({ run }) => run), runs.map(({ version }) => version)]
      await database.query(drawnStatement, [board, numbers, versions, now])
    },
    ended: async (board, now) => {
      await database.query(endStatement, [board, now])
    },
    limits: {
      all: () =>
        database.query<LearntLimit>(
          `select method, channel, per_minute as "perMinute", wall from shipmate.slack_limits`,
        ),
      learnt: async ({ method, channel, perMinute, wall }, now) => {
        await database.query(learntStatement, [method, channel, perMinute, wall, now])
      },
    },
  }
}

const shownQuery = `select r.id as run, r.environment, r.version, r.ended_at is null as live,
    r.stale_since is null as told, b.board, b.drawn_version as drawn
  from shipmate.runs r left join shipmate.board_runs b on b.run = r.id
  where r.ended_at is null or r.id in (select run from shipmate.board_runs) order by r.id`

const openStatement = `insert into shipmate.boards (channel, ts, opened_at, drawn_at) values ($1, $2, $3, $3)
  on conflict (channel, ts) do update set ended_at = null returning id, channel, ts`

/** A run that moved here leaves the board it was on; one that this drawing leaves out is on none. */
const drawnStatement = `with shown as (select * from unnest($2::bigint[], $3::bigint[]) as t (run, version)),
  counted as (update shipmate.boards set drawings = drawings + 1, drawn_at = $4 where id = $1),
  gone as (delete from shipmate.board_runs b where b.board = $1 and not exists (select from shown s where s.run = b.run))
  insert into shipmate.board_runs (run, board, drawn_version) select run, $1, version from shown
  on conflict (run) do update set board = excluded.board,
    drawn_version = greatest(board_runs.drawn_version, excluded.drawn_version)`

const endStatement = `with gone as (delete from shipmate.board_runs where board = $1)
  update shipmate.boards set ended_at = $2 where id = $1 and ended_at is null`

const learntStatement = `insert into shipmate.slack_limits (method, channel, per_minute, wall, learnt_at)
  values ($1, $2, $3, $4, $5) on conflict (method, channel) do update
  set per_minute = excluded.per_minute, wall = excluded.wall, learnt_at = excluded.learnt_at`
