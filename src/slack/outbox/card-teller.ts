import { hasEnded, type RunId, type RunView } from '../../runs/run.js'
import type { StaleCard } from '../../runs/telling.js'
import { type Message, message, section } from '../blocks.js'
import { type Around, runCard } from '../cards/run-card.js'
import type { Answer, NotTold } from '../web.js'
import { drawAt, pace, type Shown, tickAt, whatMatters } from './pace.js'
import { meaningOf } from './refusals.js'
import { idle, type Speaking } from './speaking.js'

/** What this process remembers of a card since it leads; all of it may be lost. */
type Memory = {
  at: { channel: string; ts: string } | null
  version: number
  shown: Shown | null
  /** The drawing Slack has, to send no equal one. */
  drawing: string
  working: boolean
  notBefore: number
  failures: number
  /** Slack refused the blocks: the words alone are sent, so that people are told at all. */
  wordsOnly: boolean
  earlier: number[] | null
}

type Draw = {
  run: RunId
  environment: string
  version: number
  view: RunView
  memory: Memory
  matters: boolean
  since: number
}

/**
 * Draws stale cards, newest state at the moment of sending. A run's version is read before its rows, so what is drawn
 * is at least as new as what is recorded, and one call a card is under way at a time: nothing older lands over newer.
 * A crash between the first post and its record costs one duplicate card, whose buttons say that it is not the run's
 * card; the other order could lose the card for ever.
 */
export function createCardTeller(parts: Speaking): { tell(stop: AbortSignal): Promise<number> } {
  const memories = new Map<RunId, Memory>()
  // Whoever drew before may have done so a moment ago.
  const firstChange = parts.clock.now().getTime() + pace.message

  async function tell(stop: AbortSignal): Promise<number> {
    const now = parts.clock.now().getTime()
    const stale = await parts.telling.staleCards(500)
    const draws: Draw[] = []
    let next = idle
    for (const card of stale) {
      const memory = remembered(memories, card, firstChange)
      const earliest = Math.max(memory.notBefore, memory.shown ? memory.shown.at + pace.message : 0)
      if (earliest > now) {
        next = Math.min(next, earliest - now)
        continue
      }
      const view = await parts.desk.view(card.run)
      if (!view) continue
      const due = drawAt(view, memory.shown, card.staleSince.getTime(), workingRuns(memories))
      if (due > now) next = Math.min(next, due - now)
      else draws.push(drawOf(card, view, memory))
    }
    draws.push(...(await ticks(new Set(stale.map(({ run }) => run)), now)))
    for (const draw of inOrder(draws)) {
      if (stop.aborted || parts.trouble.pausedFor(parts.clock.now().getTime()) > 0) return next
      next = Math.min(next, await tellOne(draw))
    }
    return next
  }

  /** Cards whose rows did not change but whose elapsed time did. */
  async function ticks(stale: Set<RunId>, now: number): Promise<Draw[]> {
    const draws: Draw[] = []
    for (const [run, memory] of memories) {
      if (
        stale.has(run) ||
        !memory.working ||
        !memory.shown ||
        now < memory.shown.at + pace.tick ||
        now < memory.notBefore
      )
        continue
      const view = await parts.desk.view(run)
      const due = view && tickAt(view, memory.shown, now)
      if (view && due !== null && due <= now)
        draws.push({
          run,
          environment: view.run.intent.environment,
          version: memory.version,
          view,
          memory,
          matters: false,
          since: now,
        })
    }
    return draws
  }

  async function tellOne(draw: Draw): Promise<number> {
    const { memory } = draw
    const card = await drawing(draw)
    const text = JSON.stringify(card)
    if (memory.at && text === memory.drawing) {
      await recorded(draw, memory.at, memory.shown?.at)
      return idle
    }
    const place = memory.at ?? placeFor(draw)
    if (!place) return idle
    const method = 'ts' in place ? 'chat.update' : 'chat.postMessage'
    const now = parts.clock.now().getTime()
    const free = parts.budget.freeAt(method, place.channel, draw.matters, now)
    if (free > now) return free - now
    parts.budget.spent(method, place.channel, now)
    const answer = await parts.web.call(method, { ...place, ...card, unfurl_links: false, unfurl_media: false })
    return settle(draw, method, place.channel, text, answer)
  }

  async function settle(draw: Draw, method: string, channel: string, text: string, answer: Answer): Promise<number> {
    const { memory } = draw
    const now = parts.clock.now().getTime()
    if (!answer.ok) return refusedCard(draw, method, channel, answer, now)
    parts.trouble.over(channel)
    memory.at = { channel: String(answer.data.channel ?? channel), ts: String(answer.data.ts ?? memory.at?.ts ?? '') }
    memory.drawing = text
    memory.failures = 0
    await recorded(draw, memory.at)
    return idle
  }

  function refusedCard({ memory, run }: Draw, method: string, channel: string, answer: NotTold, now: number): number {
    if (answer.why === 'limited') {
      parts.budget.limited(method, now + answer.retryAfterMs)
      return answer.retryAfterMs
    }
    parts.log.debug({ run, method, channel, answer }, 'a card was not drawn')
    const meaning = answer.why === 'refused' ? meaningOf(answer.error) : null
    if (meaning === 'gone' && memory.at) {
      // Recorded anew, though nothing in the run changed.
      memory.at = null
      memory.version = -1
      return 0
    }
    if (meaning === 'drawing' && !memory.wordsOnly) {
      parts.log.error({ run, slack: answer }, 'Slack refused the drawing of a card; its words are sent instead')
      memory.wordsOnly = true
      return 0
    }
    parts.trouble.met(answer, channel, now)
    memory.notBefore = now + (answer.why === 'unreachable' ? 1_000 : Math.min(600_000, 15_000 * 2 ** memory.failures))
    memory.failures += 1
    return memory.notBefore - now
  }

  async function recorded(
    draw: Draw,
    at: { channel: string; ts: string },
    sentAt = parts.clock.now().getTime(),
  ): Promise<void> {
    const { memory, view } = draw
    memory.shown = { at: sentAt, matters: whatMatters(view) }
    memory.working = view.run.state === 'running' || view.run.state === 'undoing'
    const fresh = draw.version > memory.version
    memory.version = Math.max(memory.version, draw.version)
    if (fresh) await parts.telling.cardDrawn(draw.run, draw.version, at)
    if (hasEnded(view.run.state)) forgetOldest(memories)
  }

  async function drawing({ view, memory }: Draw): Promise<Message> {
    const card = runCard(view, parts.clock.now(), await around(view, memory))
    return memory.wordsOnly ? message(card.text, [section(card.text)]) : card
  }

  async function around({ run }: RunView, memory: Memory): Promise<Around> {
    const { environment, service } = run.intent
    if (run.state === 'queued' && run.ahead > 0) {
      const live = await parts.desk.list({ environment, service, live: true, limit: 20 })
      return {
        ahead: live.filter(({ id, ahead }) => id !== run.id && ahead < run.ahead).sort((a, b) => a.ahead - b.ahead),
      }
    }
    if (!run.startedAt || hasEnded(run.state)) return {}
    memory.earlier ??= earlierDurations(
      await parts.desk.list({ environment, service, live: false, limit: 20 }),
      run.intent.job,
    )
    return { earlier: memory.earlier }
  }

  function placeFor({ environment, memory }: Draw): { channel: string } | null {
    const channel = parts.channelOf(environment)
    if (channel) return { channel }
    memory.notBefore = parts.clock.now().getTime() + 60_000
    parts.log.error(
      { environment },
      'the operator’s file names no channel for this environment; its cards are not posted',
    )
    return null
  }

  return { tell }
}

function remembered(memories: Map<RunId, Memory>, card: StaleCard, firstChange: number): Memory {
  const known = memories.get(card.run)
  if (known) return known
  const at = card.channel && card.ts ? { channel: card.channel, ts: card.ts } : null
  const memory: Memory = {
    at,
    version: -1,
    shown: null,
    drawing: '',
    working: false,
    notBefore: at ? firstChange : 0,
    failures: 0,
    wordsOnly: false,
    earlier: null,
  }
  memories.set(card.run, memory)
  return memory
}

function drawOf(card: StaleCard, view: RunView, memory: Memory): Draw {
  const matters = memory.shown === null || memory.shown.matters !== whatMatters(view)
  return {
    run: card.run,
    environment: card.environment,
    version: card.version,
    view,
    memory,
    matters,
    since: card.staleSince.getTime(),
  }
}

/** What people act on before progress; among equals, what waited longest. */
const inOrder = (draws: Draw[]) => draws.sort((a, b) => Number(b.matters) - Number(a.matters) || a.since - b.since)

const workingRuns = (memories: Map<RunId, Memory>) => [...memories.values()].filter(({ working }) => working).length

const remembersAtMost = 500

function forgetOldest(memories: Map<RunId, Memory>): void {
  const [oldest] = memories.keys()
  if (memories.size > remembersAtMost && oldest !== undefined) memories.delete(oldest)
}

function earlierDurations(runs: RunView['run'][], job: string): number[] {
  return runs.flatMap((run) =>
    run.intent.job === job && run.state === 'done' && run.startedAt && run.endedAt
      ? [run.endedAt.getTime() - run.startedAt.getTime()]
      : [],
  )
}
