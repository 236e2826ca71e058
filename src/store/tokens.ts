import type { JsonObject } from '../json.js'
import type { Tokens } from '../releases/tokens.js'
import type { Actor } from '../runs/run.js'
import type { Database } from './database.js'
import { auditText, toJson } from './rows.js'

/** Personal tokens by their hash; a person's new one replaces the old one in the same row. */
export function createTokens(database: Database): Tokens {
  return {
    issue: async (person, team, hash, at, expires) => {
      const subject = { person: person.id, expires: expires.toISOString() }
      await database.query(
        `with issued as (
           insert into shipmate.tokens (team, person, actor, hash, issued_at, expires) values ($1, $2, $3, $4, $5, $6)
           on conflict (team, person) do update set actor = excluded.actor, hash = excluded.hash,
             issued_at = excluded.issued_at, expires = excluded.expires, revoked_at = null returning person)
         select shipmate.append_outside($7) from issued`,
        [team, person.id, toJson(person), hash, at, expires, entry(person, 'was given a token', subject, at)],
      )
    },
    holder: async (hash, now) => {
      const [row] = await database.query<{ person: Actor; team: string }>(
        'select actor as person, team from shipmate.tokens where hash = $1 and revoked_at is null and expires > $2',
        [hash, now],
      )
      return row ?? null
    },
    list: (team, now) =>
      database.query(
        `select actor as person, issued_at as "issuedAt", expires from shipmate.tokens
         where team = $1 and revoked_at is null and expires > $2 order by expires, person`,
        [team, now],
      ),
    revoke: async (person, team, by, at) => {
      const rows = await database.query(
        `with ended as (
           update shipmate.tokens set revoked_at = $3 where person = $1 and team = $2 and revoked_at is null returning person)
         select shipmate.append_outside($4) from ended`,
        [person, team, at, entry(by, 'revoked a token', { person }, at)],
      )
      return rows.length > 0
    },
  }
}

const entry = (actor: Actor, act: string, subject: JsonObject, at: Date) => auditText({ actor, act, subject }, at)
