import { createBudget } from './outbox/budget.js'
import { createCardTeller } from './outbox/card-teller.js'
import { createPostTeller } from './outbox/post-teller.js'
import { idle, type OutboxParts, type Speaking } from './outbox/speaking.js'
import { createTrouble } from './outbox/trouble.js'

export type { OutboxParts }

/** The only one that speaks to Slack for cards and posts. */
export type Outbox = {
  /** Tells what is to be told for as long as this process leads, until `stop`. Never rejects. */
  run(stop: AbortSignal): Promise<void>
  /** One look at the rows; answers the milliseconds after which something is due again. */
  round(stop: AbortSignal): Promise<number>
  /** What keeps messages from people, one line each; empty when all is well. */
  problems(): string[]
}

export function createOutbox(parts: OutboxParts): Outbox {
  const speaking: Speaking = { ...parts, budget: createBudget(), trouble: createTrouble(parts.log) }
  let tellers = createTellers(speaking)

  async function round(stop: AbortSignal): Promise<number> {
    const paused = speaking.trouble.pausedFor(parts.clock.now().getTime())
    if (paused > 0) return paused
    // Cards first: a post in a thread needs its card, and people wait for the card.
    const card = await tellers.cards.tell(stop)
    return Math.min(card, stop.aborted ? idle : await tellers.posts.tell(stop))
  }

  async function lead(stop: AbortSignal): Promise<void> {
    // Somebody else may have drawn since this process led last, so nothing remembered of cards holds.
    tellers = createTellers(speaking)
    await tellWhile(parts, round, stop)
  }

  return { run: (stop) => leadAndTell(parts, lead, stop), round, problems: () => speaking.trouble.lines() }
}

const createTellers = (speaking: Speaking) => ({ cards: createCardTeller(speaking), posts: createPostTeller(speaking) })

/** Rows that change together are looked at together. */
const breath = 50

async function leadAndTell(
  parts: OutboxParts,
  tell: (stop: AbortSignal) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    try {
      const lease = await parts.leadership.lead('outbox', stop)
      if (lease) await tell(AbortSignal.any([stop, lease.lost])).finally(() => lease.release())
      else await parts.clock.sleep(500, stop)
    } catch (thrown) {
      parts.log.warn({ err: thrown }, 'the outbox lost its footing and starts again')
      await parts.clock.sleep(1_000, stop)
    }
  }
}

async function tellWhile(parts: OutboxParts, round: Outbox['round'], stop: AbortSignal): Promise<void> {
  let bell = new AbortController()
  const quiet = parts.signals.onRun(() => bell.abort())
  try {
    while (!stop.aborted) {
      bell = new AbortController()
      const wait = await round(stop).catch((thrown) => {
        parts.log.warn({ err: thrown }, 'rows could not be told; trying again')
        return 1_000
      })
      await parts.clock.sleep(Math.min(wait, idle), AbortSignal.any([stop, bell.signal]))
      await parts.clock.sleep(breath, stop)
    }
  } finally {
    quiet()
  }
}
