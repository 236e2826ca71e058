import type { MemberList, MemberLists } from '../../releases/people.js'
import type { Database } from '../database.js'
import { toJson } from '../rows.js'

type Row = { team: string; read_at: Date; people: MemberList['people']; groups: MemberList['groups'] }

/** The last member list of the workspace; an older one never replaces a newer. */
export function createMemberLists(database: Database): MemberLists {
  return {
    keep: async ({ team, readAt, people, groups }) => {
      await database.query(
        `insert into shipmate.member_lists (team, read_at, people, groups) values ($1, $2, $3, $4)
         on conflict (team) do update set read_at = excluded.read_at, people = excluded.people, groups = excluded.groups
           where member_lists.read_at <= excluded.read_at`,
        [team, readAt, toJson(people), toJson(groups)],
      )
    },
    last: async () => {
      const query = 'select team, read_at, people, groups from shipmate.member_lists order by read_at desc limit 1'
      const [row] = await database.query<Row>(query)
      return row ? { team: row.team, readAt: row.read_at, people: row.people, groups: row.groups } : null
    },
  }
}
