import type { RunId } from '../runs/run.js'
import type { Lease } from '../runs/telling.js'
import { allot, onBoards } from './boards/allot.js'
import { createDigestTeller } from './incidents/room/digest-teller.js'
import { createIncidentPostTeller } from './incidents/room/incident-post-teller.js'
import { createIncidentTeller } from './incidents/room/incident-teller.js'
import { createBoardTeller } from './outbox/board-teller.js'
import { createBudget } from './outbox/budget.js'
import { createCardTeller } from './outbox/card-teller.js'
import { type Draw, inOrder, ranks, type Scene } from './outbox/draw.js'
import { createPostTeller } from './outbox/post-teller.js'
import { createSendings } from './outbox/sendings.js'
import { idle, type OutboxParts, type Speaking } from './outbox/speaking.js'
import { createTrouble } from './outbox/trouble.js'
import { createViews, type Views } from './outbox/views.js'
import { createRoutineTeller } from './routines/routine-teller.js'
import type { SlackWeb } from './web.js'

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
  let lease: Lease | null = null
  const web = guarded(parts.web, () => lease?.holds() ?? true)
  const speaking: Speaking = { ...parts, web, budget: createBudget(), trouble: createTrouble(parts.log) }
  let tellers = createTellers(speaking)
  let stale = 0

  async function round(stop: AbortSignal): Promise<number> {
    const paused = () => speaking.trouble.pausedFor(parts.clock.now().getTime())
    if (paused() > 0) return paused()
    const scene = await look(speaking, tellers.views, tellers.incidents?.guides() ?? new Set())
    stale = scene.stale.length
    const told = (await tellers.incidents?.tell(stop, scene.views.values())) ?? idle
    if (stop.aborted || paused() > 0) return Math.max(told, paused())
    const cards = await tellers.cards.draws(scene)
    const boards = tellers.boards.draws(scene)
    let next = Math.min(told, cards.next, boards.next)
    const turns = createTurns(speaking, () => stop.aborted || paused() > 0)
    const draws = inOrder([...cards.draws, ...boards.draws])
    // A post in a thread needs its card, and people wait for the card; but they do not wait for progress.
    next = Math.min(next, await turns.take(draws.filter(({ rank }) => rank === ranks.people)))
    if (!stop.aborted && paused() === 0) next = Math.min(next, (await tellers.incidentPosts?.tell(stop)) ?? idle)
    if (!stop.aborted && paused() === 0) next = Math.min(next, (await tellers.digests?.tell(stop)) ?? idle)
    if (!stop.aborted && paused() === 0) next = Math.min(next, (await tellers.routines?.tell(stop)) ?? idle)
    if (!stop.aborted && paused() === 0) next = Math.min(next, await tellers.posts.tell(stop))
    next = Math.min(next, await turns.take(draws.filter(({ rank }) => rank !== ranks.people)))
    for (const limit of speaking.budget.learnt()) await parts.boards.limits.learnt(limit, parts.clock.now())
    return Math.max(next, paused())
  }

  async function lead(held: Lease, stop: AbortSignal): Promise<void> {
    lease = held
    // Somebody else may have drawn since this process led last, so nothing remembered of messages holds.
    tellers = createTellers(speaking)
    speaking.budget.believe(await parts.boards.limits.all(), parts.clock.now().getTime())
    await tellWhile(parts, round, () => stale, stop)
  }

  return { run: (stop) => leadAndTell(parts, lead, stop), round, problems: () => speaking.trouble.lines() }
}

function createTellers(speaking: Speaking) {
  const posting = { ...speaking, sendings: createSendings(speaking) }
  const { incidents, routines } = speaking
  return {
    incidents: incidents && createIncidentTeller(posting, incidents),
    incidentPosts: incidents && createIncidentPostTeller({ ...posting, incidents }),
    digests: incidents && createDigestTeller({ ...posting, incidents }),
    routines: routines && createRoutineTeller(posting, routines),
    views: createViews(speaking.boards),
    cards: createCardTeller(posting),
    boards: createBoardTeller(posting),
    posts: createPostTeller(posting),
  }
}

/** Who was frozen in the midst of a round may wake up when somebody newer speaks: what it drew then stays unsaid. */
function guarded(web: SlackWeb, holds: () => boolean): SlackWeb {
  return {
    async call(method, args) {
      if (!holds()) throw new Error('this process was silent for so long that another one may speak to Slack by now')
      return web.call(method, args)
    },
  }
}

/** Then it looks again: what came meanwhile may matter more. */
const drawsOfRound = 4

/** Lets draws have their calls in order: what has to wait for a call holds back all that come after it for the same. */
function createTurns({ budget, clock }: Speaking, over: () => boolean): { take(draws: Draw[]): Promise<number> } {
  const held = new Set<string>()
  let taken = 0
  return {
    async take(draws) {
      let next = idle
      for (const draw of draws) {
        const { method, channel, matters } = draw
        const line = method === 'chat.update' ? method : `${method} ${channel}`
        if (over() || held.has(line)) continue
        if (taken === drawsOfRound) return 0
        const now = clock.now().getTime()
        const free = budget.freeAt(method, channel, matters, now)
        if (free > now) held.add(line)
        else taken += 1
        next = Math.min(next, free > now ? free - now : await draw.tell())
      }
      return next
    },
  }
}

const mostStale = 2_000

/** Versions first, then the runs themselves: so that nothing is taken for newer than it is. */
async function look({ telling, boards, channelOf, clock }: Speaking, views: Views, guides: Set<RunId>): Promise<Scene> {
  const stale = await telling.staleCards(mostStale)
  const seen = await boards.look()
  const parts = allot(seen.boards, seen.runs, ({ run, environment }) =>
    guides.has(run) ? null : channelOf(environment),
  )
  const drawn = parts.flatMap(({ live, ended }) => [...live, ...ended])
  const needed = await views.of([...drawn, ...stale])
  return { now: clock.now().getTime(), stale, parts, onBoard: onBoards(parts), views: needed }
}

/** Rows that change together are looked at together, in milliseconds; while many change, fewer looks are taken. */
const breath = (stale: number): number => Math.min(250, 50 + stale)

async function leadAndTell(
  parts: OutboxParts,
  tell: (lease: Lease, stop: AbortSignal) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    try {
      const lease = await parts.leadership.lead('outbox', stop)
      if (lease) await tell(lease, AbortSignal.any([stop, lease.lost])).finally(() => lease.release())
      else await parts.clock.sleep(500, stop)
    } catch (thrown) {
      parts.log.warn({ err: thrown }, 'the outbox lost its footing and starts again')
      await parts.clock.sleep(1_000, stop)
    }
  }
}

async function tellWhile(
  parts: OutboxParts,
  round: Outbox['round'],
  crowd: () => number,
  stop: AbortSignal,
): Promise<void> {
  let bell = new AbortController()
  const heard = [
    parts.signals.onRun(() => bell.abort()),
    parts.incidents?.signals.onIncident(() => bell.abort()) ?? (() => {}),
  ]
  try {
    while (!stop.aborted) {
      bell = new AbortController()
      const wait = await round(stop).catch((thrown) => {
        parts.log.warn({ err: thrown }, 'rows could not be told; trying again')
        return 1_000
      })
      const until = parts.clock.now().getTime() + Math.min(wait, idle)
      await parts.clock.sleep(Math.min(wait, idle), AbortSignal.any([stop, bell.signal]))
      // Woken early, it waits for what comes together, but not beyond the moment that something is due.
      const left = until - parts.clock.now().getTime()
      await parts.clock.sleep(Math.max(1, Math.min(left, breath(crowd()))), stop)
    }
  } finally {
    for (const quiet of heard) quiet()
  }
}
