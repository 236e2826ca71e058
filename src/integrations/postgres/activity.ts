import { z } from 'zod'
import type { Check } from '../../runs/abilities.js'
import { at, span } from '../watched/inputs.js'
import type { WatchedParts } from '../watched/parts.js'
import { secondsShown } from '../watched/words.js'
import { databaseCheck } from './database-check.js'
import { named, ownSessions, type Session, shown, withoutValues } from './sessions.js'

const slowInput = z.object({ ...at, longerThan: span.default(10_000) })
const idleInput = z.object({ ...at, longerThan: span.default(60_000) })

/** Statements that run for long; `pid` is the one that runs longest. */
export const slowQueriesCheck = (parts: WatchedParts): Check =>
  databaseCheck(parts, 'postgres.slow-queries', slowInput, async (sql, { longerThan }) => {
    const running = (await ownSessions(sql)).filter(({ state }) => state === 'active')
    return verdict(
      longest(running, ({ query }) => query),
      longerThan / 1000,
      {
        none: 'no query runs long',
        some: (count, first) => `${count === 1 ? 'a query runs' : `${count} queries run`} long: ${named(first)}`,
        next: ({ pid, text }) => `Cancel pid ${pid} if nobody needs it: ${withoutValues(text ?? '')}`,
      },
    )
  })

/** Transactions that were opened and left; they hold locks and keep dead rows. */
export const idleInTransactionCheck = (parts: WatchedParts): Check =>
  databaseCheck(parts, 'postgres.idle-in-transaction', idleInput, async (sql, { longerThan }) => {
    const idle = (await ownSessions(sql)).filter(({ state }) => state?.startsWith('idle in transaction'))
    return verdict(
      longest(idle, ({ unchanged }) => unchanged),
      longerThan / 1000,
      {
        none: 'no transaction is left open',
        some: (count, first) =>
          `${count === 1 ? 'a transaction is' : `${count} transactions are`} left open: ${named(first)}`,
        next: ({ pid }) => `End the session of pid ${pid}, and find out who forgot to commit.`,
      },
    )
  })

type Aged = { session: Session; age: number }

const longest = (sessions: Session[], age: (session: Session) => number | null): Aged[] =>
  sessions.map((session) => ({ session, age: age(session) ?? 0 })).sort((a, b) => b.age - a.age)

type Words = {
  none: string
  some(count: number, first: Session): string
  next(first: Session): string
}

function verdict(aged: Aged[], limit: number, { none, some, next }: Words) {
  const long = aged.filter(({ age }) => age > limit)
  const figures = { value: secondsShown(aged[0]?.age ?? 0), limit: secondsShown(limit) }
  const [first] = long
  if (first === undefined)
    return {
      outcome: 'pass' as const,
      summary: aged.length > 0 ? `${none}: at most ${figures.value} (limit ${figures.limit})` : none,
      ...figures,
      output: { pid: null, started: null },
    }
  return {
    outcome: 'fail' as const,
    summary: `${some(long.length, first.session)}, for ${figures.value} (limit ${figures.limit})`,
    ...figures,
    details: { sessions: long.slice(0, 10).map(({ session }) => shown(session)) },
    next: next(first.session),
    output: { pid: first.session.pid, started: first.session.started },
  }
}
