import { hash } from 'node:crypto'
import { canonical, type JsonObject } from '../json.js'
import type { RunId } from '../runs/run.js'
import type { Database } from './database.js'

export type AuditRow = {
  run: RunId
  position: number
  at: Date
  actor: { kind: string; id: string } | null
  act: string
  subject: JsonObject
  hash: string
}

/** Where a chain breaks first, and how; `run` 0 is the chain of acts outside any run, -31 that of INC-31. */
export type BrokenChain = { run: RunId; position: number; what: string }

export type Audit = {
  of(run: RunId): Promise<AuditRow[]>
  /** Acts outside any run, newest first. */
  outside(limit: number): Promise<AuditRow[]>
  /** Checks one chain, or all of them; an empty list means every row is as it was written. */
  verify(run?: RunId): Promise<{ rows: number; broken: BrokenChain[] }>
}

type Link = { run: RunId; position: number; entry: string; prev: string; hash: string }

export function createAudit(database: Database): Audit {
  return {
    of: async (run) => (await links(database, run, 0)).map(auditRow),
    outside: async (limit) => {
      const query = `select run, position, entry, prev, hash from shipmate.audit where run = 0
        order by position desc limit $1`
      return (await database.query<Link>(query, [limit])).map(auditRow)
    },
    verify: async (run) => {
      const counted = await database.query<{ run: RunId; rows: number }>(
        `select id as run, audit_rows as rows from shipmate.runs where $1::bigint is null or id = $1
         union select -id, audit_rows from shipmate.incidents where $1::bigint is null or -id = $1
         union select run, 0 from shipmate.audit a where ($1::bigint is null or run = $1)
           and not exists (select from shipmate.runs r where r.id = a.run)
           and not exists (select from shipmate.incidents i where -i.id = a.run) order by run`,
        [run ?? null],
      )
      const broken: BrokenChain[] = []
      let rows = 0
      for (const chain of counted) {
        const all = await links(database, chain.run, 0)
        rows += all.length
        const breach = firstBreach(chain.run, all, chain.rows)
        if (breach) broken.push(breach)
      }
      return { rows, broken }
    },
  }
}

function links(database: Database, run: RunId, after: number): Promise<Link[]> {
  const query = `select run, position, entry, prev, hash from shipmate.audit
    where run = $1 and position > $2 order by position`
  return database.query<Link>(query, [run, after])
}

function firstBreach(run: RunId, rows: Link[], counted: number): BrokenChain | null {
  let prev = ''
  for (const [index, link] of rows.entries()) {
    const position = index + 1
    if (link.position !== position) return { run, position, what: 'a row is missing' }
    if (link.prev !== prev) return { run, position, what: 'it does not follow from the row before' }
    if (link.hash !== hashOf(link)) return { run, position, what: 'it was changed after it was written' }
    prev = link.hash
  }
  return rows.length < counted ? { run, position: rows.length + 1, what: 'the last rows are missing' } : null
}

/** What a row's hash covers: its text, its place, and through the hash before it all rows before it. */
export function linkHash({ run, position, entry, prev }: Omit<Link, 'hash'>): string {
  return hash('sha256', `{"entry":${entry},"position":${position},"prev":"${prev}","run":${run}}`)
}

/** Text that is not in canonical form any more was changed, even when it means the same. */
function hashOf(link: Link): string {
  try {
    return canonical(JSON.parse(link.entry)) === link.entry ? linkHash(link) : ''
  } catch {
    return ''
  }
}

function auditRow({ run, position, entry, hash }: Link): AuditRow {
  const { at, actor, act, subject } = JSON.parse(entry) as Omit<AuditRow, 'at'> & { at: string }
  return { run, position, at: new Date(at), actor, act, subject, hash }
}
