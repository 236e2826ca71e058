import type { Clock } from '../clock.js'
import type { Engine } from './engine.js'
import type { Signals, Turn } from './ports.js'
import type { RunId } from './run.js'

export type Turns = { onTurn(listener: (turn: Turn) => void): () => void }

/** Longer than it takes to claim a run and tell so, also on a busy machine: claims in vain make it busier. */
const afterOthersMs = 400
/** Not all of the others at once: the first of them tells the rest. */
const apartMs = 200

/**
 * Takes runs whose turn has come, until `stop`. All workers hear of each: the one that had the run before takes it at
 * once, and the others only when nobody has claimed it a moment later. So a turn costs one claim and not one a worker.
 */
export function takeTurns(
  engine: Pick<Engine, 'carry' | 'hasHad'>,
  signals: Turns & Signals,
  clock: Clock,
  stop: AbortSignal,
): { leftToOthers(run: RunId): boolean } {
  const left = new Map<RunId, AbortController>()

  async function takeIfLeft(run: RunId): Promise<void> {
    if (left.has(run)) return
    const taken = new AbortController()
    left.set(run, taken)
    await clock.sleep(afterOthersMs + Math.random() * apartMs, taken.signal)
    left.delete(run)
    if (!taken.signal.aborted && !stop.aborted) await engine.carry(run)
  }

  const quiet = [
    signals.onTurn(({ run, after }) => {
      const mine = after === null || engine.hasHad(after) || engine.hasHad(run)
      void (mine ? engine.carry(run) : takeIfLeft(run))
    }),
    signals.onRun(({ run, epoch }) => {
      if (epoch !== null) left.get(run)?.abort()
    }),
  ]
  stop.addEventListener('abort', () => {
    for (const one of quiet) one()
    for (const one of left.values()) one.abort()
  })
  return { leftToOthers: (run) => left.has(run) }
}
