import type { Session } from './sessions.js'

/** A session that waits for nobody and that others wait for, however far behind it. */
export type Root = { pid: number; session: Session | null; victims: Session[]; longest: number }

/**
 * Who is behind all that wait for locks, the one that holds up most first. A waiter may have several blockers and a
 * blocker may wait itself, so what counts is where the chains end. A circle has no end; the server breaks it by itself.
 */
export function rootsOf(sessions: Session[]): Root[] {
  const byPid = new Map(sessions.map((session) => [session.pid, session]))
  const roots = new Map<number, Session[]>()
  for (const waiter of sessions.filter(({ blockers }) => blockers.length > 0)) {
    for (const pid of endsOf(waiter, byPid)) roots.set(pid, [...(roots.get(pid) ?? []), waiter])
  }
  return [...roots]
    .map(([pid, victims]) => {
      const longest = Math.max(...victims.map(({ waiting }) => waiting ?? 0))
      return { pid, session: byPid.get(pid) ?? null, victims, longest }
    })
    .sort((a, b) => b.victims.length - a.victims.length || b.longest - a.longest || a.pid - b.pid)
}

function endsOf(waiter: Session, byPid: Map<number, Session>): Set<number> {
  const [ends, seen, next] = [new Set<number>(), new Set([waiter.pid]), [...waiter.blockers]]
  for (let pid = next.pop(); pid !== undefined; pid = next.pop()) {
    if (seen.has(pid)) continue
    seen.add(pid)
    const further = byPid.get(pid)?.blockers ?? []
    if (further.length === 0) ends.add(pid)
    next.push(...further)
  }
  return ends
}
