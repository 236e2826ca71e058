import type { Tokens } from '../releases/tokens.js'
import type { Actor } from '../runs/run.js'
import type { Database } from './database.js'
import { toJson } from './rows.js'

/** Personal tokens by their hash; a person's new one replaces the old one in the same row. */
export function createTokens(database: Database): Tokens {
  return {
    issue: async (person, team, hash, at, expires) => {
      await database.query(
        `insert into shipmate.tokens (team, person, actor, hash, issued_at, expires) values ($1, $2, $3, $4, $5, $6)
         on conflict (team, person) do update set actor = excluded.actor, hash = excluded.hash,
           issued_at = excluded.issued_at, expires = excluded.expires, revoked_at = null`,
        [team, person.id, toJson(person), hash, at, expires],
      )
    },
    holder: async (hash, now) => {
      const [row] = await database.query<{ person: Actor; team: string }>(
        'select actor as person, team from shipmate.tokens where hash = $1 and revoked_at is null and expires > $2',
        [hash, now],
      )
      return row ?? null
    },
    revoke: async (person, team, at) => {
      const rows = await database.query(
        'update shipmate.tokens set revoked_at = $3 where person = $1 and team = $2 and revoked_at is null returning person',
        [person, team, at],
      )
      return rows.length > 0
    },
  }
}
