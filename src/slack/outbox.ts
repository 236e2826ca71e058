import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { RunDesk, Signals } from '../runs/ports.js'
import type { Leadership, Telling } from '../runs/telling.js'
import { createBudget } from './budget.js'
import { createCardTeller } from './card-teller.js'
import type { GroupIds } from './cards/call.js'
import { createPostTeller } from './post-teller.js'
import { createTrouble, type Trouble } from './trouble.js'
import type { SlackWeb } from './web.js'

/** The only one that speaks to Slack for cards and posts. */
export type Outbox = {
  /** Tells what is to be told for as long as this process leads, until `stop`. Never rejects. */
  run(stop: AbortSignal): Promise<void>
  /** One look at the rows; answers the milliseconds after which something is due again. */
  round(stop: AbortSignal): Promise<number>
  /** What keeps messages from people, one line each; empty when all is well. */
  problems(): string[]
}

export type OutboxParts = {
  telling: Telling
  desk: Pick<RunDesk, 'view' | 'list'>
  signals: Signals
  leadership: Leadership
  web: SlackWeb
  /** The release channel's id of an environment; null when the operator's file names none. */
  channelOf(environment: string): string | null
  groupIds: GroupIds
  clock: Clock
  log: Log
}

/** Shared by the tellers: limits are the workspace's, and a Slack that does not answer does not answer anybody. */
export type Speaking = OutboxParts & { budget: ReturnType<typeof createBudget>; trouble: Trouble }

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

/** A lost signal costs at most this long. */
export const idle = 2_000
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
      if (!lease) continue
      await tell(AbortSignal.any([stop, lease.lost])).finally(() => lease.release())
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
