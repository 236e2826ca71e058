import { resourceOf } from '../../releases/catalogue.js'
import { hasEnded, type RunId, type RunView } from '../../runs/run.js'
import type { StaleCard } from '../../runs/telling.js'
import { type Message, message, section } from '../blocks.js'
import { openAsk } from '../cards/parts-of-run.js'
import { type Around, runCard } from '../cards/run-card.js'
import { guideCard } from '../incidents/guide-card.js'
import { guidePlace, isGuide } from '../incidents/room/guide-place.js'
import type { Answer, NotTold } from '../web.js'
import { type CardMemory, earlierDurations, forgetOldest, remembered, workingRuns } from './card-memory.js'
import { type Draw, type Rank, ranks, type Scene } from './draw.js'
import { drawAt, pace, tickAt, whatIsPressed, whatMatters } from './pace.js'
import { meaningOf } from './refusals.js'
import { idle, type Posting } from './speaking.js'

type Card = { run: RunId; environment: string; version: number; view: RunView; memory: CardMemory; matters: boolean }
type Refusal = Exclude<NotTold, { why: 'limited' }>
type Sent = { method: string; channel: string; text: string; sent: number }
type Turn = { at: number; rank: Rank; order: number }

/**
 * Draws stale cards, newest state at the moment of sending. A run's version is read before its rows, so what is drawn
 * is at least as new as what is recorded, and one call a card is under way at a time: nothing older lands over newer.
 * A crash between the first post and its record is looked into before the card is posted again (see `Sendings`); where
 * that is not allowed it costs one duplicate card, whose buttons say that it is not the run's card.
 */
export function createCardTeller(parts: Posting): { draws(scene: Scene): Promise<{ draws: Draw[]; next: number }> } {
  const memories = new Map<RunId, CardMemory>()
  // Whoever drew before may have done so a moment ago.
  const firstChange = parts.clock.now().getTime() + pace.message

  /** The most runs that boards have shown at a time since there are any: how long a card may wait goes by that. */
  let crowd = 0

  async function draws(scene: Scene): Promise<{ draws: Draw[]; next: number }> {
    const { now } = scene
    crowd = scene.onBoard.size === 0 ? 0 : Math.max(crowd, scene.onBoard.size)
    const due: Draw[] = []
    let next = idle
    const working = workingRuns(memories, scene.onBoard)
    for (const card of scene.stale) {
      const memory = remembered(memories, card, firstChange)
      const view = scene.views.get(card.run)
      if (!view) continue
      const turn = scene.onBoard.has(card.run)
        ? turnBesideBoard(view, memory, card, now - crowd * pace.perEnd)
        : turnAlone(view, memory, card, working)
      if (!turn) continue
      const at = Math.max(turn.at, memory.notBefore, memory.shown ? memory.shown.at + pace.message : 0)
      if (at > now) next = Math.min(next, at - now)
      else due.push(drawOf({ ...card, view, memory, matters: turn.rank === ranks.people }, turn))
    }
    due.push(...(await ticks(scene)))
    return { draws: due, next }
  }

  const drawOf = (card: Card, { rank, order }: { rank: Rank; order: number }): Draw => ({
    rank,
    order,
    method: card.memory.at ? 'chat.update' : 'chat.postMessage',
    channel: card.memory.at?.channel ?? parts.channelOf(card.environment) ?? '',
    matters: card.matters,
    tell: () => tellOne(card),
  })

  /** Cards whose rows did not change but whose elapsed time did. */
  async function ticks({ stale, onBoard, now }: Scene): Promise<Draw[]> {
    const changed = new Set(stale.map(({ run }) => run))
    const due: Draw[] = []
    for (const [run, memory] of memories) {
      const { shown, working, version } = memory
      if (changed.has(run) || onBoard.has(run) || !working || !shown) continue
      if (now < shown.at + pace.tick || now < memory.notBefore) continue
      const view = await parts.desk.view(run)
      const at = view && tickAt(view, shown, now)
      if (!view || at === null || at > now) continue
      const card = { run, environment: view.run.intent.environment, version, view, memory, matters: false }
      due.push(drawOf(card, { rank: ranks.progress, order: now }))
    }
    return due
  }

  async function tellOne(draw: Card): Promise<number> {
    const { memory } = draw
    const place = memory.at ?? (await placeFor(draw))
    if (!place) return idle
    const method = 'ts' in place ? 'chat.update' : 'chat.postMessage'
    const now = parts.clock.now().getTime()
    const card = await drawing(draw)
    const text = JSON.stringify(card)
    if (memory.at && text === memory.drawing) {
      await recorded(draw, memory.at, memory.shown?.at)
      return idle
    }
    const turn = memory.at ? null : await parts.sendings.turn(keyOf(draw), place)
    if (turn?.kind === 'wait') return later(memory, turn.ms)
    if (turn?.kind === 'there') return adopted(draw, { channel: place.channel, ts: turn.ts })
    const mark = turn && { metadata: turn.metadata }
    const options = { unfurl_links: false, unfurl_media: false }
    const answer = await parts.web.call(method, { ...place, ...card, ...mark, ...options })
    if (turn) parts.sendings.answered(keyOf(draw), answer)
    return settle(draw, { method, channel: place.channel, text, sent: now }, answer)
  }

  function later(memory: CardMemory, ms: number): number {
    memory.notBefore = parts.clock.now().getTime() + ms
    return ms
  }

  /** It was posted and nobody knew: from now on it is the card, and what it shows is drawn over. */
  async function adopted({ run, memory }: Card, at: { channel: string; ts: string }): Promise<number> {
    await parts.telling.cardDrawn(run, 0, at)
    await parts.sendings.recorded(keyOf({ run }))
    memory.at = at
    memory.recorded = true
    return 0
  }

  async function settle(draw: Card, { method, channel, text, sent }: Sent, answer: Answer): Promise<number> {
    const { memory } = draw
    const now = parts.clock.now().getTime()
    if (!answer.ok && answer.why === 'limited') {
      parts.budget.limited(method, channel, now + answer.retryAfterMs, now)
      return answer.retryAfterMs
    }
    parts.budget.spent(method, channel, draw.matters, { sent, answered: now })
    if (!answer.ok) return refusedCard(draw, method, channel, answer, now)
    parts.trouble.over(channel)
    memory.at = { channel: String(answer.data.channel ?? channel), ts: String(answer.data.ts ?? memory.at?.ts ?? '') }
    memory.drawing = text
    memory.failures = 0
    await recorded(draw, memory.at)
    return idle
  }

  function refusedCard({ memory, run }: Card, method: string, channel: string, answer: Refusal, now: number): number {
    parts.log.debug({ run, method, channel, answer }, 'a card was not drawn')
    const meaning = answer.why === 'refused' ? meaningOf(answer.error) : null
    if (meaning === 'gone' && memory.at) {
      // Recorded anew, though nothing in the run changed.
      memory.at = null
      memory.recorded = false
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
    draw: Card,
    at: { channel: string; ts: string },
    sentAt = parts.clock.now().getTime(),
  ): Promise<void> {
    const { memory, view } = draw
    memory.shown = { at: sentAt, matters: whatMatters(view), pressed: whatIsPressed(view) }
    memory.working = view.run.state === 'running' || view.run.state === 'undoing'
    const fresh = draw.version > memory.version
    memory.version = Math.max(memory.version, draw.version)
    if (fresh) await parts.telling.cardDrawn(draw.run, draw.version, at)
    if (!memory.recorded) await parts.sendings.recorded(keyOf(draw))
    memory.recorded = true
    memory.over = hasEnded(view.run.state)
    if (memory.over) forgetOldest(memories)
  }

  async function drawing({ view, memory }: Card): Promise<Message> {
    const card = isGuide(view) ? guideCard(view) : runCard(view, parts.clock.now(), await around(view, memory))
    return memory.wordsOnly ? message(card.text, [section(card.text)]) : card
  }

  async function around({ run }: RunView, memory: CardMemory): Promise<Around> {
    const { environment, service } = run.intent
    if (run.state === 'queued' && run.ahead > 0) {
      const live = await parts.desk.list({ resource: resourceOf(service, environment), live: true, limit: 20 })
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

  async function placeFor({
    environment,
    memory,
    view,
  }: Card): Promise<{ channel: string; thread_ts?: string } | null> {
    if (isGuide(view) && parts.incidents) {
      const place = await guidePlace(parts.incidents, view)
      if (!place) memory.notBefore = parts.clock.now().getTime() + 500
      return place
    }
    const channel = parts.channelOf(environment)
    if (channel) return { channel }
    memory.notBefore = parts.clock.now().getTime() + 60_000
    parts.log.error(
      { environment },
      'the operator’s file names no channel for this environment; its cards are not posted',
    )
    return null
  }

  return { draws }
}

const keyOf = ({ run }: { run: RunId }): string => `card ${run}`

/** What people act on before progress; among equals, what waited longest. */
function turnAlone(view: RunView, { shown }: CardMemory, { staleSince }: StaleCard, working: number): Turn {
  const since = staleSince.getTime()
  const matters = shown === null || shown.matters !== whatMatters(view)
  return { at: drawAt(view, shown, since, working), rank: matters ? ranks.people : ranks.progress, order: since }
}

/** Beside its line on a board, a run's own card tells what people can press and how it ended, and no progress. */
function turnBesideBoard(view: RunView, memory: CardMemory, { staleSince }: StaleCard, late: number): Turn | null {
  const { at, shown } = memory
  const asks = openAsk(view) !== null
  if (at && shown && shown.matters === whatMatters(view)) return null
  const ended = hasEnded(view.run.state) ? (view.run.endedAt ?? staleSince).getTime() : null
  const pressed = at !== null && shown !== null && ended === null && shown.pressed !== whatIsPressed(view)
  if (at && shown && !asks && !pressed && ended === null) return null
  const since = ended ?? staleSince.getTime()
  const people = pressed || (asks && (at === null || shown === null)) || since < late
  return {
    at: since + pace.together,
    rank: people ? ranks.people : ranks.told,
    order: asks ? since - pace.askAhead : since,
  }
}
