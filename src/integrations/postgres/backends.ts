import { z } from 'zod'
import { failed } from '../../errors.js'
import { type Action, defineAction, type StepContext } from '../../runs/abilities.js'
import { type At, at, pid, span } from '../watched/inputs.js'
import { cannotAct, type WatchedParts } from '../watched/parts.js'
import { counted, secondsShown } from '../watched/words.js'
import { acting, type Sql } from './connection.js'
import { databaseAt } from './database-check.js'
import { allSessions, named, ownSessions, type Session, shown } from './sessions.js'

/** `started` tells the session that was seen from a later one with the same number. */
const input = z.object({ ...at, pid, started: z.string().nullish() })
type Input = z.infer<typeof input>

const idleInput = z.object({ ...at, olderThan: span.default(60_000) })

/** Ends the statement that a session runs; its transaction is rolled back, the session stays. */
export const cancelAction = (parts: WatchedParts): Action =>
  defineAction<Input>({
    name: 'postgres.cancel',
    input,
    fence: 'none',
    run: (given, context) =>
      onBackend(parts, given, context, async (sql, session) => {
        if (session.state !== 'active') throw nothingRuns(session)
        await signalled(sql, session, 'pg_cancel_backend')
        await waitUntil(
          sql,
          session,
          context,
          (now) => now?.state === 'active' && (now.query ?? 0) >= (session.query ?? 0),
        )
        return `cancelled what ${named(session)} ran${held(session)}`
      }),
  })

/** Ends a session; what it had not committed is rolled back. */
export const terminateAction = (parts: WatchedParts): Action =>
  defineAction<Input>({
    name: 'postgres.terminate',
    input,
    fence: 'none',
    run: (given, context) =>
      onBackend(parts, given, context, async (sql, session) => {
        await signalled(sql, session, 'pg_terminate_backend')
        await waitUntil(sql, session, context, (now) => now !== undefined)
        return `ended the session of ${named(session)}${held(session)}`
      }),
  })

/** Ends sessions of the database that have done nothing for long, in a transaction or out of one. */
export const terminateIdleAction = (parts: WatchedParts): Action =>
  defineAction<z.infer<typeof idleInput>>({
    name: 'postgres.terminate-idle',
    input: idleInput,
    fence: 'none',
    async run(given, { signal }) {
      const database = databaseOf(parts, given)
      return acting(parts, database, signal, async (sql) => {
        const idle = (await ownSessions(sql)).filter(
          ({ state, unchanged }) => state?.startsWith('idle') && (unchanged ?? 0) * 1000 > given.olderThan,
        )
        for (const session of idle) await signalled(sql, session, 'pg_terminate_backend')
        const text = `ended ${counted(idle.length, 'session')} that had been idle for more than ${secondsShown(given.olderThan / 1000)}`
        const evidence = { summary: text, value: idle.length, details: { sessions: idle.slice(0, 10).map(shown) } }
        return { evidence, output: { ended: idle.length } }
      })
    },
  })

function databaseOf(parts: WatchedParts, at: At) {
  const database = databaseAt(parts, at)
  if (database === null) throw cannotAct(at, 'database')
  return database
}

/** Looks first: a session that is gone, or that is another one by now, is left alone. */
async function onBackend(
  parts: WatchedParts,
  given: Input,
  { signal }: StepContext,
  act: (sql: Sql, session: Session) => Promise<string>,
) {
  const database = databaseOf(parts, given)
  return acting(parts, database, signal, async (sql) => {
    if (given.pid === null) return { evidence: { summary: 'there was no session to end: nothing was done' } }
    const sessions = await allSessions(sql)
    const session = sessions.find((one) => one.pid === given.pid)
    if (session === undefined) return { evidence: { summary: `pid ${given.pid} is gone already: nothing was done` } }
    const another = given.started ? session.started !== given.started : !isTrouble(session, sessions)
    if (another) throw anotherSession(session, given.started ?? null)
    const summary = await act(sql, session)
    return { evidence: { summary, details: { session: shown(session) } }, output: { pid: session.pid } }
  })
}

/** Numbers come back: without knowing when the session began, only one that holds others up or runs long is meant. */
const isTrouble = (session: Session, all: Session[]): boolean =>
  all.some(({ blockers }) => blockers.includes(session.pid)) ||
  Math.max(session.query ?? 0, session.transaction ?? 0) >= 1

const anotherSession = (session: Session, started: string | null) =>
  failed('session-changed', `${named(session)} is not the session that was seen; it was left alone`, {
    wanted: started
      ? `the session that began at ${started}`
      : 'a session that blocks others or runs for a second or more',
    came: `one that began at ${session.started}`,
    next: 'Look again: whoever was in the way may be gone.',
  })

const nothingRuns = (session: Session) =>
  failed('nothing-to-cancel', `${named(session)} runs no statement that could be cancelled`, {
    wanted: 'a session that runs a statement',
    came: session.state ?? 'no state',
    next: 'End the session instead: its transaction is open and holds its locks.',
  })

/** Only while it is still the same session. */
const signalled = (sql: Sql, { pid, started }: Session, act: 'pg_cancel_backend' | 'pg_terminate_backend') =>
  sql(
    `select ${act}(pid) as sent from pg_stat_activity where pid = $1 and backend_start = $2::timestamptz`,
    z.object({ sent: z.boolean() }),
    [pid, started],
  )

const effectWithinMs = 5_000
const lookEveryMs = 50

async function waitUntil(
  sql: Sql,
  session: Session,
  { clock, signal }: StepContext,
  still: (now: Session | undefined) => boolean,
): Promise<void> {
  const until = clock.now().getTime() + effectWithinMs
  for (;;) {
    const now = (await allSessions(sql)).find(({ pid, started }) => pid === session.pid && started === session.started)
    if (!still(now)) return
    if (clock.now().getTime() >= until)
      throw failed('session-stays', `${named(session)} does not heed the signal`, {
        wanted: `an end within ${secondsShown(effectWithinMs / 1000)}`,
        came: 'it goes on',
        next: 'It may be rolling back much work. Look again in a minute; never kill it from outside the database.',
      })
    await clock.sleep(lookEveryMs, signal)
    signal.throwIfAborted()
  }
}

const held = ({ transaction }: Session) =>
  transaction === null ? '' : `, whose transaction was open for ${secondsShown(transaction)}`
