import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasEnded } from '../../src/runs/run.js'
import { leftOver } from '../../src/runs/undoing.js'
import { act, createWorld, look } from './world.js'

type Planned = { kind: 'look' | 'act'; goes: boolean; undo: boolean }

const planned = fc.array(
  fc.record({ kind: fc.constantFrom('look' as const, 'act' as const), goes: fc.boolean(), undo: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
)
/** At which fenced writes the worker dies. */
const deaths = fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 8 })

/** Carries one run to its end, with workers that die at the given writes, and another that takes over each time. */
async function carriedThrough(steps: Planned[], dying: number[]) {
  const world = createWorld()
  steps.forEach((step, index) => {
    if (step.goes) return
    if (step.kind === 'look') world.finds(`s${index}`, 'fail')
    else world.breaks(`s${index}`)
  })
  world.plans(
    steps.map((step, index) => {
      if (step.kind === 'look') return look(`s${index}`)
      return step.undo ? act(`s${index}`) : act(`s${index}`, { undo: undefined })
    }),
  )
  const run = await world.asked()
  let writes = 0
  world.store.faults.beforeWrite = (id) => {
    if (!dying.includes(writes++)) return
    world.store.kill(id)
    throw new Error('the worker was killed here')
  }
  for (let lives = 0; lives <= dying.length && !hasEnded((await world.view(run)).run.state); lives++) {
    await world.engine().carry(run)
  }
  return { world, view: await world.view(run) }
}

describe('a run whose workers die at any write', () => {
  it('ends as it would have without a death, with the same effects in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(planned, deaths, async (steps, dying) => {
        const calm = await carriedThrough(steps, [])
        const stormy = await carriedThrough(steps, dying)
        expect(stormy.view.run.state).toBe(calm.view.run.state)
        expect(stormy.world.done()).toEqual(calm.world.done())
      }),
      { numRuns: 300 },
    )
  })

  it('leaves nothing done that could be undone, unless it is done', async () => {
    await fc.assert(
      fc.asyncProperty(planned, deaths, async (steps, dying) => {
        const { world, view } = await carriedThrough(steps, dying)
        const done = world.done()
        const forward = done.filter((what) => !what.startsWith('un-'))
        const backward = done.filter((what) => what.startsWith('un-')).map((what) => what.slice(3))
        const undoable = forward.filter((what) => steps[Number(what.slice(1))]?.undo)
        if (view.run.state === 'done') expect(backward).toEqual([])
        else expect(backward).toEqual([...undoable].reverse())
        if (view.run.state === 'undone')
          expect(leftOver(view.steps).every(({ step }) => step.verb === 'do' && !step.undo)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('would be caught doing things twice: a world without keys shows it', async () => {
    const world = createWorld()
    const calls: string[] = []
    world.during('s0', async () => void calls.push('s0'))
    world.plans([act('s0'), act('s1')])
    const run = await world.asked()
    let writes = 0
    world.store.faults.beforeWrite = (id) => {
      if (writes++ !== 3) return
      world.store.kill(id)
      throw new Error('the worker was killed here')
    }
    await world.engine().carry(run)
    await world.engine().carry(run)
    expect(calls.length).toBeGreaterThan(1)
    expect(world.done()).toEqual(['s0', 's1'])
  })
})
