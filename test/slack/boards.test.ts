import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunView } from '../../src/runs/run.js'
import { boardMessage, countsOf, endedBoard } from '../../src/slack/boards/board-message.js'
import { expectValidMessage } from '../support/block-kit.js'
import { atFullSize } from '../support/parts.js'
import { type Fate, type OutboxWorld, outboxWorld } from './outbox-world.js'
import { at, scene, scenes } from './scenes.js'
import { textOf } from './text-of.js'

function working(run: number, state: number): RunView {
  const told = { move: { state: 'running' as const, progress: { done: state, total: 100, text: `state ${state}!` } } }
  return scene({ told, run: { id: run, state: 'running', startedAt: at(0) } })
}

const ended = (run: number, state: number, how: 'failed' | 'done' = 'failed'): RunView =>
  scene({
    run: { id: run, state: how, startedAt: at(0), endedAt: at(1), reason: { code: 'x', text: `state ${state}!` } },
  })

const asking = (run: number): RunView => scene({ told: { approve: { state: 'waiting' } }, run: { id: run } })

const many = (count: number, view: (run: number) => RunView) =>
  Array.from({ length: count }, (_, index) => view(index + 1))

describe('a board', () => {
  it.each([1, 40, 500])('of %i runs is a message that Slack takes, with a line for each', (count) => {
    const live = many(count, (run) => working(run, 1))
    const board = boardMessage({ live, ended: many(count, (run) => ended(run, 2)), counts: countsOf(live) }, at(5))
    expectValidMessage(board)
    if (count <= 40) for (const { run } of live) expect(textOf(board)).toContain(`#${run.id}`)
  })

  it('is one that Slack takes in every state that people meet', () => {
    for (const view of Object.values(scenes()))
      expectValidMessage(boardMessage({ live: [view], ended: [view], counts: null }, at(5)))
    expectValidMessage(endedBoard(at(5)))
  })

  it('has first what waits for people, and says how many those are', () => {
    const live = [working(1, 1), scene({ run: { id: 2, state: 'queued', plan: null, ahead: 1 } }), asking(3)]
    const lines = textOf(boardMessage({ live, ended: [], counts: countsOf(live) }, at(5))).split('\n')
    expect(lines[0]).toContain('*3 runs* · 1 waits for people · 1 at work · 1 in line')
    expect(lines[1]).toContain('Waiting for people: #3.')
    expect(lines.filter((line) => / · #\d$/.test(line)).map((line) => line.at(-1))).toEqual(['3', '1', '2'])
  })
})

const stateIn = (text: string) => Number(/state (\d+)!/.exec(text)?.[1] ?? -1)
const boardText = (world: OutboxWorld, ts: string) => textOf(world.slack.messages.get(ts)?.at(-1) as never)
const cardState = ({ rows, slack }: OutboxWorld, run: number) =>
  stateIn(JSON.stringify(slack.messages.get(rows.runs.get(run)?.at?.ts ?? '')?.at(-1)))
const openBoards = ({ rows }: OutboxWorld) => rows.boardRows.filter((board) => !board.ended)

describe('runs of one channel', () => {
  it('have no board while they are a handful', async () => {
    const world = outboxWorld()
    for (const view of many(5, (run) => working(run, 1))) world.rows.change(view)
    await world.pass(20_000)
    expect(world.rows.boardRows).toEqual([])
  })

  it('share a board when they are more, and it ends when few are left, with every card right', async () => {
    const world = outboxWorld()
    for (const view of many(12, (run) => working(run, 1))) world.rows.change(view)
    await world.pass(30_000)
    for (const view of many(12, (run) => working(run, 2))) world.rows.change(view)
    await world.pass(4_000)
    const [board] = openBoards(world)
    expect([...boardText(world, board?.ts ?? '').matchAll(/state 2!/g)]).toHaveLength(12)
    for (const view of many(10, (run) => ended(run, 3))) world.rows.change(view)
    await world.pass(60_000)
    expect(openBoards(world)).toEqual([])
    expect(boardText(world, board?.ts ?? '')).toContain('This board has ended')
    for (let run = 1; run <= 10; run++) expect(cardState(world, run)).toBe(3)
    for (const run of [11, 12]) expect(cardState(world, run)).toBe(2)
  })

  it('are on as many boards as there are forties of them, each on one', async () => {
    const world = outboxWorld()
    for (const view of many(100, (run) => working(run, 1))) world.rows.change(view)
    await world.pass(20_000)
    const boards = openBoards(world)
    expect(boards).toHaveLength(3)
    const lines = boards.flatMap(({ ts }) => [...boardText(world, ts).matchAll(/ · #(\d+)$/gm)].map(([, run]) => run))
    expect(new Set(lines).size).toBe(100)
    expect(lines).toHaveLength(100)
  })

  it('keep their buttons: a run that waits for people tells it on its own card, in the midst of progress', async () => {
    const world = outboxWorld()
    for (const view of many(20, (run) => working(run, 1))) world.rows.change(view)
    await world.pass(40_000)
    world.rows.change(asking(7))
    for (const view of many(6, (run) => working(run, 2))) world.rows.change(view)
    await world.pass(6_000)
    const card = world.slack.messages.get(world.rows.runs.get(7)?.at?.ts ?? '')?.at(-1)
    expect(textOf(card as never)).toContain('waiting for approval')
  })

  it('are shown on a new board when somebody deletes theirs', async () => {
    const world = outboxWorld()
    for (const view of many(12, (run) => working(run, 1))) world.rows.change(view)
    await world.pass(20_000)
    world.slack.messages.delete(openBoards(world)[0]?.ts ?? '')
    for (const view of many(12, (run) => working(run, 2))) world.rows.change(view)
    await world.pass(10_000)
    expect([...boardText(world, openBoards(world)[0]?.ts ?? '').matchAll(/state 2!/g)]).toHaveLength(12)
  })
})

type Fault = { message: string; run: number; what: 'an older state after a newer' | 'not its last state' }

/** Looks at every message as people saw it. Cards say their number among their facts, boards at the end of a line. */
function faults({ slack, rows }: OutboxWorld): Fault[] {
  const found: Fault[] = []
  const orphans = new Set(orphaned({ slack, rows }))
  for (const [ts, drawings] of slack.messages) {
    const shown = new Map<number, number>()
    for (const drawing of drawings) {
      const states = statesIn(textOf(drawing))
      for (const [run, state] of states) {
        if (state < (shown.get(run) ?? 0)) found.push({ message: ts, run, what: 'an older state after a newer' })
        shown.set(run, state)
      }
    }
    if (orphans.has(ts)) continue
    for (const [run, state] of statesIn(textOf(drawings.at(-1) as never)))
      if (state < lastState(rows.runs.get(run)?.view)) found.push({ message: ts, run, what: 'not its last state' })
  }
  return found
}

/** Messages that Slack said are gone, and posts that were made and never answered: nobody can change those. */
function orphaned({ slack, rows }: Pick<OutboxWorld, 'slack' | 'rows'>): string[] {
  const places = [...rows.runs.values()].map(({ at: place }) => place?.ts)
  const known = new Set([...places, ...rows.boardRows.map(({ ts }) => ts)])
  for (const { ts, fate } of slack.calls)
    if (typeof fate === 'object' && fate.refuses === 'message_not_found') known.delete(ts)
  return [...slack.messages.keys()].filter((ts) => !known.has(ts))
}

const lastState = (view: RunView | undefined) => stateIn(JSON.stringify(view?.run.reason ?? view?.steps ?? ''))

function statesIn(text: string): [run: number, state: number][] {
  const card = /^#(\d+) · asked by/m.exec(text)?.[1]
  if (card) return stateIn(text) < 0 ? [] : [[Number(card), stateIn(text)]]
  return text.split('\n').flatMap((line): [number, number][] => {
    const run = / · #(\d+)$/.exec(line)?.[1]
    if (!run) return []
    return [[Number(run), / · failed · #/.test(line) ? Number.POSITIVE_INFINITY : stateIn(line)]]
  })
}

describe('what boards and cards show', () => {
  const fate = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Fate>('ok') },
    fc.constantFrom<Fate>(
      'limited',
      'deaf',
      'busy',
      'lost',
      { refuses: 'message_not_found' },
      { refuses: 'fatal_error' },
    ),
  )
  const move = fc.record({
    runs: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }),
    wait: fc.constantFrom(0, 100, 900, 4_000, 9_000),
    ends: fc.constantFrom(false, false, true),
    restart: fc.constantFrom(false, false, false, true),
  })

  it('is never an older state after a newer, and the last state in the end, whatever Slack does', async () => {
    const seen = { boards: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 25 }),
        fc.array(move, { minLength: 1, maxLength: 12 }),
        async (fates, moves) => {
          const world = outboxWorld()
          let state = 0
          const over = new Set<number>()
          for (const view of many(9, (run) => working(run, ++state))) world.rows.change(view)
          await world.pass(3_000, 500)
          world.slack.fates.push(...fates)
          for (const { runs, wait, ends, restart } of moves) {
            for (const run of runs.filter((one) => !over.has(one))) {
              world.rows.change(ends ? ended(run, ++state) : working(run, ++state))
              if (ends) over.add(run)
            }
            if (restart) world.restart()
            await world.pass(wait, 500)
          }
          for (const run of world.rows.runs.keys()) if (!over.has(run)) world.rows.change(ended(run, ++state))
          world.slack.fates.length = 0
          await world.pass(700_000, 2_500)
          expect(faults(world)).toEqual([])
          for (const { version, drawn } of world.rows.runs.values()) expect(drawn).toBe(version)
          expect(openBoards(world)).toEqual([])
          seen.boards += world.rows.boardRows.length
        },
      ),
      { numRuns: atFullSize('boards-never-older') ? 10_000 : 60 },
    )
    expect(seen.boards).toBeGreaterThan(10)
  }, 420_000)

  it('is known to be wrong when an older drawing comes late, or the last one is missing', async () => {
    const world = outboxWorld()
    for (const view of many(8, (run) => working(run, 1))) world.rows.change(view)
    await world.pass(20_000)
    for (const view of many(8, (run) => working(run, 2))) world.rows.change(view)
    await world.pass(4_000)
    const drawings = world.slack.messages.get(openBoards(world)[0]?.ts ?? '') ?? []
    expect(faults(world).filter(({ what }) => what === 'an older state after a newer')).toEqual([])
    drawings.push(...drawings.slice(0, 1))
    expect(faults(world).map(({ what }) => what)).toContain('an older state after a newer')
    for (const view of many(8, (run) => ended(run, 3))) world.rows.change(view)
    expect(faults(world).map(({ what }) => what)).toContain('not its last state')
  })
})
