import { describe, expect, it } from 'vitest'
import { announceEveryMs } from '../../src/runs/announcing.js'
import { act, createWorld } from './world.js'

/** A run whose worker was lost inside its act on a target that compares generations. */
async function cutOffInTheAct(timeout = 60_000) {
  const world = createWorld({ fence: 'generation' })
  world.during('shift', async () => world.store.kill(1))
  world.plans([act('start'), act('shift', { timeout }), act('retire')])
  const run = await world.asked()
  await world.engine().carry(run)
  world.during('shift', async () => {})
  return { world, run }
}

describe('a worker that takes a run over', () => {
  it('tells the target of the act that was cut off before it writes anything', async () => {
    const { world, run } = await cutOffInTheAct()
    const before: number[][] = []
    world.store.faults.beforeWrite = () => void before.push([...world.target.announced])
    await world.engine().carry(run)
    const { epoch } = (await world.view(run)).run
    expect(before[0]).toEqual([epoch])
    expect(world.target.announced).toEqual([epoch])
    expect((await world.view(run)).run.state).toBe('done')
    expect(world.done()).toEqual(['start', 'shift', 'retire'])
  })

  it('tells nobody when nothing was cut off', async () => {
    const world = createWorld({ fence: 'generation' })
    world.plans([act('start'), act('shift')])
    await world.engine().carry(await world.asked())
    expect(world.target.announced).toEqual([])
  })

  it('does not act on a target that could not be told, and goes on when it answers again', async () => {
    const { world, run } = await cutOffInTheAct()
    world.target.silent = true
    const survivor = world.engine()
    await survivor.carry(run)
    const parked = await world.view(run)
    expect(parked.run.state).toBe('waiting')
    expect(Number(parked.run.wakeAt) - Date.now()).toBeLessThanOrEqual(announceEveryMs)
    expect(world.effects.filter(({ what }) => what === 'shift')).toHaveLength(1)
    world.target.silent = false
    world.clock.ahead(announceEveryMs)
    await survivor.carry(run)
    expect((await world.view(run)).run.state).toBe('done')
  })

  it('goes on without telling once the old attempt must be over', async () => {
    const { world, run } = await cutOffInTheAct(1_000)
    world.target.silent = true
    world.clock.ahead(1_001)
    await world.engine().carry(run)
    expect((await world.view(run)).run.state).toBe('done')
  })

  it('lets go when the target knows a newer one', async () => {
    const { world, run } = await cutOffInTheAct()
    world.target.newest = true
    await world.engine().carry(run)
    expect((await world.view(run)).steps.map(({ state }) => state)).toEqual(['passed', 'running', 'pending'])
  })
})
