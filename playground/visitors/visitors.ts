import type { Agent } from 'node:http'
import { createTally, type VisitorCounts } from './tally.js'
import { keepingAgent, visit } from './visit.js'
import { newVisitor, nextVisit, remember, type Visitor } from './visitor.js'

export type VisitorsOptions = {
  url: string
  /** Requests per second, all visitors together. */
  rate: number
  /** Visitors who keep their connections. Every fourth request comes over a fresh one instead. */
  agents?: number
}

export type Visitors = {
  counts(): VisitorCounts
  setRate(rate: number): void
  /** Resolves when every request that was begun has been answered. */
  stop(): Promise<void>
}

/** Visits the shop at an even pace that slow answers do not slow down. */
export function startVisitors({ url, rate, agents = 20 }: VisitorsOptions): Visitors {
  const base = new URL(url)
  const tally = createTally()
  const people = Array.from({ length: agents }, () => ({ ...newVisitor(), agent: keepingAgent(tally.reset) }))
  const open = new Set<Promise<void>>()
  let pace = rate
  let owed = 0
  let last = performance.now()
  let turn = 0

  async function go(person: Visitor & { agent: Agent }, fresh: boolean): Promise<void> {
    const wanted = nextVisit(person)
    let result = await visit(base, wanted, fresh ? null : person.agent)
    if (!result.ok && result.reset) {
      tally.reset()
      result = await visit(base, wanted, null)
    }
    tally.count(wanted, result)
    if (result.ok && result.answer.status < 400) remember(person, result.answer)
  }

  function sendDue(): void {
    const now = performance.now()
    owed = Math.min(owed + ((now - last) / 1000) * pace, pace)
    last = now
    for (; owed >= 1; owed -= 1) {
      const person = people[turn % people.length]
      if (person === undefined) return
      const going = go(person, turn % 4 === 3)
      open.add(going)
      void going.finally(() => open.delete(going))
      turn += 1
    }
  }
  const ticking = setInterval(sendDue, 5)

  return {
    counts: () => tally.counts(pace),
    setRate(next) {
      pace = next
    },
    async stop() {
      clearInterval(ticking)
      await Promise.all(open)
      tally.close()
      for (const { agent } of people) agent.destroy()
    },
  }
}
