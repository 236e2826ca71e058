import { z } from 'zod'
import type { Check, CheckResult } from '../../runs/abilities.js'
import { at, span } from '../watched/inputs.js'
import type { WatchedParts } from '../watched/parts.js'
import { counted, secondsShown } from '../watched/words.js'
import { databaseCheck } from './database-check.js'
import { type Root, rootsOf } from './lock-tree.js'
import { allSessions, named, shown } from './sessions.js'

const input = z.object({ ...at, olderThan: span.default(5_000) })

/** Who holds up whom; `pid` is the session behind most of it. */
export const locksCheck = (parts: WatchedParts): Check =>
  databaseCheck(parts, 'postgres.locks', input, async (sql, { olderThan }) =>
    lockVerdict(rootsOf(await allSessions(sql)), olderThan / 1000),
  )

export function lockVerdict(roots: Root[], limit: number): CheckResult {
  const [worst] = roots
  const nobody = { pid: null, started: null, victims: 0 }
  if (worst === undefined) return { outcome: 'pass', summary: 'nobody waits for a lock', value: 0, output: nobody }
  const longest = Math.max(...roots.map((root) => root.longest))
  const figures = { value: secondsShown(longest), limit: secondsShown(limit) }
  if (longest < limit) {
    const waiting = new Set(roots.flatMap(({ victims }) => victims.map(({ pid }) => pid))).size
    const summary = `${counted(waiting, 'session')} ${waiting === 1 ? 'waits' : 'wait'} for a lock, at most ${figures.value} (limit ${figures.limit})`
    return { outcome: 'pass', summary, ...figures, output: nobody }
  }
  return {
    outcome: 'fail',
    summary: `${nameOf(worst)} blocks ${counted(worst.victims.length, 'session')}, for ${figures.value} (limit ${figures.limit})`,
    ...figures,
    details: { roots: roots.slice(0, 5).map(rootShown) },
    next: nextFor(worst),
    output: { pid: worst.pid || null, started: worst.session?.started ?? null, victims: worst.victims.length },
  }
}

// Number 0 stands for a transaction that was prepared: it has no session that could be ended.
export const nameOf = ({ pid, session }: Root): string =>
  session ? named(session) : pid === 0 ? 'a prepared transaction' : `pid ${pid}`

function nextFor({ pid, session }: Root): string {
  if (pid === 0) return 'Commit it or roll it back: select * from pg_prepared_xacts.'
  if (session?.state === 'active') return `Cancel the query of pid ${pid}; end its session if that does not help.`
  return `Pid ${pid} left its transaction open: end its session.`
}

const rootShown = (root: Root) => ({
  ...(root.session ? shown(root.session) : { pid: root.pid }),
  blocks: root.victims.slice(0, 10).map(shown),
})
