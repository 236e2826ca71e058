import { hasEnded, type RunView } from '../../runs/run.js'
import { tally } from '../../runs/tally.js'
import { countedAnswers } from '../cards/approvals.js'
import { openAsk } from '../cards/parts-of-run.js'
import { isWorking } from '../cards/run-card.js'

/**
 * When a card may be drawn again. Slack allows about one change a second to a message and 50 a minute in all
 * (chat.update is tier 3), so what people act on goes at once and progress waits.
 */
export const pace = {
  /** Between two changes of one message, whatever they are. */
  message: 1_000,
  /** Changes that come together are drawn together. */
  together: 300,
  /** Within a second a new run is often planned and its gates looked at, and an approved one on its way. */
  settle: 1_000,
  /** Between two drawings of mere progress: soon at first, when people watch, then less. A deploy of 30 s gets three. */
  progress: { first: 5_000, later: 12_000 },
  /** What each further working run adds to that, so that all of them stay inside the limit. */
  perRun: 1_700,
  /** Redrawing for elapsed time alone. */
  tick: 15_000,
  /** How long each run on a board may make another's own card wait: nine tenths of what all of them take. */
  perEnd: 1_080,
  /** So much before ends goes a card that people are to press. */
  askAhead: 600_000,
}

/** What was shown last; times in epoch milliseconds. */
export type Shown = { at: number; matters: string; pressed: string }

/** Equal as long as nothing changed that people act on. */
export function whatMatters(view: RunView): string {
  const { run, answers } = view
  const ask = openAsk(view)
  return JSON.stringify([
    run.state,
    run.stopRequested !== null,
    run.reason?.code,
    run.planRound,
    run.ahead,
    ask?.key,
    ask?.round,
    answers.length,
  ])
}

/** Of that, what people pressed, or must not press any more: on the run's own card at once, whatever a board shows. */
export function whatIsPressed({ run, answers }: RunView): string {
  return JSON.stringify([run.stopRequested !== null, Math.max(1, run.planRound), answers.length])
}

/** Milliseconds within which a board is to show what changed, by how many runs boards show; Slack allows hardly less. */
const freshness = [
  { runs: 40, ms: 2_750 },
  { runs: 100, ms: 4_200 },
  { runs: 500, ms: 19_200 },
]

/** Milliseconds within which boards show what changed. `turn`: how long until each of them had one call. */
export function freshWithin(runs: number, turn: number): number {
  const over = freshness.findIndex((goal) => goal.runs >= runs)
  const [from, to] = over < 0 ? freshness.slice(-2) : freshness.slice(Math.max(0, over - 1), over + 1)
  if (!from || !to) return Math.max(turn, freshness[0]?.ms ?? 0)
  const goal = from.ms + ((to.ms - from.ms) * (runs - from.runs)) / (to.runs - from.runs)
  return Math.max(turn, goal)
}

/** The moment from which a changed run may be drawn, in epoch milliseconds. `working`: runs at work now. */
export function drawAt(view: RunView, shown: Shown | null, staleSince: number, working: number): number {
  if (!shown) return staleSince + (startsSoon(view) ? pace.settle : 0)
  if (shown.matters !== whatMatters(view))
    return Math.max(shown.at + pace.message, staleSince + (goesOnSoon(view, staleSince) ? pace.settle : pace.together))
  const elapsed = shown.at - (view.run.startedAt?.getTime() ?? shown.at)
  const gap = Math.min(pace.progress.later, Math.max(pace.progress.first, elapsed))
  return shown.at + Math.max(gap, working * pace.perRun)
}

/** When an unchanged card wants its elapsed time redrawn: ever more rarely the longer it takes. Null when it does not. */
export function tickAt(view: RunView, shown: Shown, now: number): number | null {
  if (hasEnded(view.run.state) || !isWorking(view) || view.run.state === 'waiting') return null
  const elapsed = now - (view.run.startedAt?.getTime() ?? now)
  return shown.at + Math.max(pace.tick, elapsed / 10)
}

const startsSoon = ({ run }: RunView): boolean =>
  run.state === 'planning' ||
  (run.state === 'queued' && run.ahead === 0) ||
  (run.state === 'running' && run.startedAt === null)

/** All answers it waited for are there, and its worker is on the way. */
function goesOnSoon(view: RunView, now: number): boolean {
  const ask = openAsk(view)
  if (!ask || hasEnded(view.run.state)) return false
  const digest = view.run.plan?.digest ?? ''
  return tally(ask.step, countedAnswers(view, ask), digest, null, new Date(now)).kind !== 'open'
}
