import { ShipmateError } from '../errors.js'
import { hasEnded, type RunId, type RunView } from '../runs/run.js'
import type { Conversation } from './conversation.js'
import { unreachable } from './conversation.js'
import { plain } from './drawing/plain.js'
import { stepLine, subjectOf } from './drawing/run-lines.js'
import type { Terminal } from './terminal.js'

/** How often a lost connection is taken up again before the watch is given up, and the pause between, ms. */
const tries = 30
const pause = 1_000

/**
 * Watches a run until it has ended, one line per change of a step. Ctrl-C ends the
 * watch, not the run. A Shipmate that is being restarted is waited for.
 */
export async function follow(
  terminal: Terminal,
  conversation: Conversation,
  run: RunId,
  tell: (line: string) => void,
): Promise<RunView> {
  const news = createNews(tell)
  let misses = 0
  while (misses < tries) {
    try {
      for await (const view of conversation.watch(run, terminal.interrupted)) {
        misses = 0
        news(view)
        if (hasEnded(view.run.state)) return view
      }
    } catch (error) {
      if (!terminal.interrupted.aborted && !isAway(error)) throw error
    }
    if (terminal.interrupted.aborted) throw leftRunning(run)
    if (misses === 0) tell(`Shipmate went away; waiting for it to come back. Run #${run} is kept.`)
    misses += 1
    await terminal.clock.sleep(pause, terminal.interrupted)
  }
  throw unreachable({ url: 'the address it had' })
}

/** Tells each change of the run or of a step once. */
export function createNews(tell: (line: string) => void): (view: RunView) => void {
  const told = new Map<string, string>()
  const once = (key: string, state: string, line: () => string) => {
    if (told.get(key) === state) return
    told.set(key, state)
    tell(line())
  }
  return ({ run, steps }) => {
    const planned = steps.filter((step) => step.state !== 'pending')
    for (const step of planned) once(`${run.id} ${step.key}`, `${step.state} ${step.round}`, () => stepLine(step))
    const reason = run.reason ? ` · ${plain(run.reason.text)}` : ''
    once(`${run.id}`, `${run.state}${reason}`, () => `#${run.id} ${subjectOf(run)} · ${run.state}${reason}`)
  }
}

const isAway = (error: unknown) =>
  error instanceof Error && (!('code' in error) || (error as { code: unknown }).code === 'shipmate-unreachable')

const leftRunning = (run: RunId) =>
  new ShipmateError('stopped', 'interrupted', `You stopped watching. Run #${run} goes on.`, {
    next: `See it with \`shipmate run ${run}\`, stop it with \`shipmate cancel ${run}\`.`,
  })
