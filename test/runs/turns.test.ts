import { expect, test } from 'vitest'
import type { Turn } from '../../src/runs/ports.js'
import { takeTurns } from '../../src/runs/turns.js'

/** Several workers that hear the same; each has had some runs, and `claims` tells all that a run was claimed, or changed by nobody. */
function workers(...had: number[][]) {
  const turns: ((turn: Turn) => void)[] = []
  const runs: ((changed: { run: number; epoch: number | null }) => void)[] = []
  const sleeping = new Set<() => void>()
  const stop = new AbortController()
  const taken = had.map((): number[] => [])
  const clock = {
    now: () => new Date(0),
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((wake) => {
        sleeping.add(wake)
        signal?.addEventListener('abort', () => wake())
      }),
  }
  had.forEach((mine, number) => {
    const engine = {
      carry: async (run: number) => void taken[number]?.push(run),
      hasHad: (run: number) => mine.includes(run),
    }
    const signals = {
      onTurn: (listener: (turn: Turn) => void) => {
        turns.push(listener)
        return () => void turns.splice(turns.indexOf(listener), 1)
      },
      onRun: (listener: (changed: { run: number; epoch: number | null }) => void) => {
        runs.push(listener)
        return () => void runs.splice(runs.indexOf(listener), 1)
      },
    }
    takeTurns(engine, signals, clock, stop.signal)
  })
  const settled = () => new Promise((done) => setImmediate(done))
  return {
    taken,
    stop,
    listening: () => turns.length + runs.length,
    turn: (run: number, after: number | null) => {
      for (const hears of turns) hears({ run, after })
    },
    claims: (run: number, epoch: number | null) => {
      for (const hears of runs) hears({ run, epoch })
    },
    /** A moment passes for everybody. */
    later: async () => {
      for (const wake of sleeping) wake()
      sleeping.clear()
      await settled()
    },
  }
}

test('a turn is taken at once by the worker that had the run before, and by no other that hears of its claim', async () => {
  const world = workers([1], [2], [])
  world.turn(5, 1)
  expect(world.taken).toEqual([[5], [], []])
  world.claims(5, 77)
  await world.later()
  expect(world.taken).toEqual([[5], [], []])
})

test('a turn that nobody takes is taken a moment later, by those that live', async () => {
  const world = workers([], [2])
  world.turn(5, 1)
  // Its card changed: no worker has it.
  world.claims(5, null)
  expect(world.taken).toEqual([[], []])
  await world.later()
  expect(world.taken).toEqual([[5], [5]])
})

test('a turn after a lock that was held by hand is taken at once', () => {
  const world = workers([], [])
  world.turn(5, null)
  expect(world.taken).toEqual([[5], [5]])
})

test('a worker that stops takes no turn any more, also none that it was about to take', async () => {
  const world = workers([1], [])
  world.turn(5, 9)
  world.stop.abort()
  await world.later()
  world.turn(6, 1)
  expect(world.taken).toEqual([[], []])
  expect(world.listening()).toBe(0)
})
