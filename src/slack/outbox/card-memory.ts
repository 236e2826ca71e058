import type { RunId, RunView } from '../../runs/run.js'
import type { StaleCard } from '../../runs/telling.js'
import type { Shown } from './pace.js'

/** What this process remembers of a card since it leads; all of it may be lost. */
export type CardMemory = {
  at: { channel: string; ts: string } | null
  /** Nothing is in doubt about where it is. */
  recorded: boolean
  version: number
  shown: Shown | null
  /** The drawing Slack has, to send no equal one. */
  drawing: string
  working: boolean
  /** The card tells how the run ended. */
  over: boolean
  notBefore: number
  failures: number
  /** Slack refused the blocks: the words alone are sent, so that people are told at all. */
  wordsOnly: boolean
  earlier: number[] | null
}

/** `firstChange`: when a card that somebody else drew may be changed first. */
export function remembered(memories: Map<RunId, CardMemory>, card: StaleCard, firstChange: number): CardMemory {
  const known = memories.get(card.run)
  if (known) return known
  const at = card.channel && card.ts ? { channel: card.channel, ts: card.ts } : null
  const memory: CardMemory = {
    at,
    recorded: at !== null,
    version: -1,
    shown: null,
    drawing: '',
    working: false,
    over: false,
    notBefore: at ? firstChange : 0,
    failures: 0,
    wordsOnly: false,
    earlier: null,
  }
  memories.set(card.run, memory)
  return memory
}

export const workingRuns = (memories: Map<RunId, CardMemory>, onBoard: Set<RunId>): number =>
  [...memories].filter(([run, { working }]) => working && !onBoard.has(run)).length

const remembersAtMost = 500

/** Forgets cards that are done with, the oldest first; those of live runs are as many as there are. */
export function forgetOldest(memories: Map<RunId, CardMemory>): void {
  for (const [run, { over }] of memories) {
    if (memories.size <= remembersAtMost) return
    if (over) memories.delete(run)
  }
}

export function earlierDurations(runs: RunView['run'][], job: string): number[] {
  return runs.flatMap((run) =>
    run.intent.job === job && run.state === 'done' && run.startedAt && run.endedAt
      ? [run.endedAt.getTime() - run.startedAt.getTime()]
      : [],
  )
}
