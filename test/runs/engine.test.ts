import { describe, expect, it } from 'vitest'
import { act, ask, createWorld, look, marco, mina, plan, rita } from './world.js'

describe('a run', () => {
  it('does its steps in order and says what is deployed when it is done', async () => {
    const world = createWorld()
    world.plans([look('gate'), act('start'), look('healthy'), act('shift')])
    const run = await world.asked()
    await world.engine().carry(run)
    expect((await world.view(run)).run.state).toBe('done')
    expect(world.done()).toEqual(['start', 'shift'])
    expect(world.store.history.at(-1)?.change.deployed).toMatchObject({ version: 'v2' })
  })

  it('runs steps side by side when their needs allow it', async () => {
    const world = createWorld()
    let together = 0
    let most = 0
    for (const name of ['a', 'b']) {
      world.during(name, async () => {
        most = Math.max(most, ++together)
        await new Promise((resolve) => setTimeout(resolve, 30))
        together--
      })
    }
    world.plans([
      act('first'),
      act('a', { needs: ['first'] }),
      act('b', { needs: ['first'] }),
      act('last', { needs: ['a', 'b'] }),
    ])
    const run = await world.asked()
    await world.engine().carry(run)
    expect(most).toBe(2)
    expect(world.done().at(-1)).toBe('last')
  })

  it('hands outputs of earlier steps to later ones', async () => {
    const world = createWorld()
    world.plans([act('build'), act('use', { with: { what: { from: 'build', field: 'what' } } })])
    const run = await world.asked()
    await world.engine().carry(run)
    expect(world.done()).toEqual(['build', 'build'])
  })

  it('skips a step whose condition does not hold, and skipped is not passed', async () => {
    const world = createWorld()
    world.finds('gate', 'warn')
    world.plans([look('gate'), act('only-if-passed', { when: { step: 'gate', outcome: 'passed' } }), act('always')])
    const run = await world.asked()
    await world.engine().carry(run)
    expect(await world.states(run)).toEqual({ gate: 'warned', 'only-if-passed': 'skipped', always: 'passed' })
  })

  it('waits in line without a plan while another run is before it', async () => {
    const world = createWorld()
    world.plans([ask('approval'), act('start')])
    const first = await world.asked('one')
    const second = await world.asked('two')
    const engine = world.engine()
    await engine.carry(first)
    await engine.carry(second)
    const view = await world.view(second)
    expect([view.run.state, view.run.ahead, view.run.plan]).toEqual(['queued', 1, null])
  })
})

describe('gates', () => {
  it('all get their verdict before the run is refused, and nothing was done', async () => {
    const world = createWorld()
    world.finds('a', 'fail')
    world.finds('c', 'error')
    const open = { needs: [], onFailure: 'stop' as const }
    world.plans([look('a', open), look('b', open), look('c', open), act('start', { needs: ['a', 'b', 'c'] })])
    const run = await world.asked()
    await world.engine().carry(run)
    expect(await world.states(run)).toEqual({ a: 'failed', b: 'passed', c: 'errored', start: 'pending' })
    expect((await world.view(run)).run).toMatchObject({ state: 'refused', reason: { text: 'a fail' } })
    expect(world.done()).toEqual([])
  })

  it('looks again until it passes', async () => {
    const world = createWorld()
    world.finds('healthy', 'fail', 'fail', 'pass')
    world.plans([act('start'), look('healthy', { repeat: { every: 1, max: 5 } })])
    const run = await world.asked()
    await world.engine().carry(run)
    expect((await world.view(run)).run.state).toBe('done')
  })

  it('refuses every do in an environment that only observes', async () => {
    const world = createWorld()
    world.plans([look('gate'), act('start')], { observe: true })
    const run = await world.asked()
    await world.engine().carry(run)
    expect((await world.view(run)).run).toMatchObject({ state: 'refused', reason: { code: 'observe-mode' } })
    expect(world.done()).toEqual([])
  })
})

describe('approval', () => {
  it('parks the run, holding no lock, until the quorum is there', async () => {
    const world = createWorld()
    world.plans([look('gate'), ask('approval', 2), act('start')])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    expect((await world.view(run)).run).toMatchObject({ state: 'waiting', holdsLocks: false })
    await world.answers(run, 'approval', 'approve', marco)
    await engine.carry(run)
    expect(world.done()).toEqual([])
    await world.answers(run, 'approval', 'approve', mina)
    await engine.carry(run)
    expect((await world.view(run)).run.state).toBe('done')
  })

  it('counts nobody twice', async () => {
    const world = createWorld()
    world.plans([ask('approval', 2), act('start')])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    await world.answers(run, 'approval', 'approve', marco)
    await world.answers(run, 'approval', 'approve', marco)
    await engine.carry(run)
    expect((await world.view(run)).run.state).toBe('waiting')
  })

  it('ends refused with the words of whoever rejects', async () => {
    const world = createWorld()
    world.plans([ask('approval'), act('start')])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    await world.answers(run, 'approval', 'reject', marco, 'not on a Friday')
    await engine.carry(run)
    expect((await world.view(run)).run).toMatchObject({
      state: 'refused',
      reason: { text: 'rejected: not on a Friday' },
    })
  })

  it('expires', async () => {
    const world = createWorld()
    world.plans([ask('approval', 1, { expires: 10 }), act('start')])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    await new Promise((resolve) => setTimeout(resolve, 15))
    await engine.carry(run)
    expect((await world.view(run)).run.state).toBe('timed out')
    expect(world.done()).toEqual([])
  })

  it('is void when what it pins has changed, says what differs, and earlier answers do not count', async () => {
    const world = createWorld()
    world.plans([ask('approval'), act('start')])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    world.plans([ask('approval'), act('start')], { pinned: { commit: 'b'.repeat(40) } })
    await world.answers(run, 'approval', 'approve', marco)
    await engine.carry(run)
    const view = await world.view(run)
    expect(view.run.state).toBe('waiting')
    expect(view.run.planChanges).toEqual([`commit: ${'a'.repeat(40)} → ${'b'.repeat(40)}`])
    expect(world.done()).toEqual([])
    await world.answers(run, 'approval', 'approve', marco)
    await engine.carry(run)
    expect((await world.view(run)).run.state).toBe('done')
  })

  it('waits for the lock after approval, and goes on when it is let go', async () => {
    const world = createWorld()
    world.plans([ask('approval'), act('start')])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    world.store.holdFor('storefront/prod', 99)
    await world.answers(run, 'approval', 'approve', marco)
    await engine.carry(run)
    expect((await world.view(run)).run).toMatchObject({ state: 'waiting', reason: { code: 'lock-held' } })
    world.store.letGo('storefront/prod')
    await engine.carry(run)
    expect((await world.view(run)).run.state).toBe('done')
  })
})

describe('failure', () => {
  it('undoes what was done, backwards, and ends undone', async () => {
    const world = createWorld()
    world.finds('healthy', 'fail')
    world.plans([act('migrate', { undo: undefined }), act('start'), act('shift'), look('healthy')])
    const run = await world.asked()
    await world.engine().carry(run)
    expect(world.done()).toEqual(['migrate', 'start', 'shift', 'un-shift', 'un-start'])
    expect((await world.view(run)).run).toMatchObject({ state: 'undone', reason: { text: 'healthy fail' } })
    expect(await world.states(run)).toMatchObject({ migrate: 'passed', start: 'undone', shift: 'undone' })
  })

  it('undoes the step that failed too, since it may have acted', async () => {
    const world = createWorld()
    world.breaks('shift')
    world.plans([act('start'), act('shift')])
    const run = await world.asked()
    await world.engine().carry(run)
    expect(world.done()).toEqual(['start', 'shift', 'un-shift', 'un-start'])
  })

  it('names what is left over when an undo fails', async () => {
    const world = createWorld()
    world.breaks('shift')
    world.breaks('un-start')
    world.plans([act('start'), act('shift')])
    const run = await world.asked()
    await world.engine().carry(run)
    const { state, reason } = (await world.view(run)).run
    expect(state).toBe('failed')
    expect(reason?.next).toContain('do start')
  })

  it('goes on with a warning where the plan says so', async () => {
    const world = createWorld()
    world.breaks('retire')
    world.plans([act('shift'), act('retire', { onFailure: 'warn' })])
    const run = await world.asked()
    await world.engine().carry(run)
    expect((await world.view(run)).run.state).toBe('done')
    expect(await world.states(run)).toMatchObject({ retire: 'warned' })
  })

  it('times a step out that does not come back, and undoes', async () => {
    const world = createWorld()
    world.during('shift', () => new Promise((resolve) => setTimeout(resolve, 60)))
    world.plans([act('start'), act('shift', { timeout: 20 })])
    const run = await world.asked()
    await world.engine().carry(run)
    expect(await world.states(run)).toMatchObject({ 'undo-shift': 'passed', 'undo-start': 'passed' })
    expect((await world.view(run)).run.reason?.code).toBe('step-timed-out')
  })

  it('asks a person where the plan says so, and tries again in a new round', async () => {
    const world = createWorld()
    world.breaks('shift')
    world.plans([act('start'), act('shift', { onFailure: 'ask' })])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    expect((await world.view(run)).run.state).toBe('waiting')
    world.during('shift', async () => {})
    await world.answers(run, 'choose-shift-1', 'retry', rita)
    await engine.carry(run)
    expect((await world.view(run)).run.state).toBe('done')
    expect(world.effects.map(({ key }) => key)).toEqual([`${run}/start/1`, `${run}/shift/1`, `${run}/shift/2`])
  })
})

describe('stopping', () => {
  it('a waiting run ends it at once', async () => {
    const world = createWorld()
    world.plans([ask('approval'), act('start')])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    await world.store.desk.requestStop(run, marco, 'wrong version', new Date())
    await engine.carry(run)
    expect((await world.view(run)).run).toMatchObject({ state: 'stopped', reason: { text: 'wrong version' } })
  })

  it('a running run aborts the step in flight and undoes', async () => {
    const world = createWorld()
    let shifting = () => {}
    const begun = new Promise<void>((resolve) => {
      shifting = resolve
    })
    world.during('shift', async () => {
      shifting()
      await new Promise((resolve) => setTimeout(resolve, 50))
    })
    world.plans([act('start'), act('shift'), act('later')])
    const run = await world.asked()
    const carried = world.engine().carry(run)
    await begun
    await world.store.desk.requestStop(run, marco, '', new Date())
    await carried
    expect((await world.view(run)).run.state).toBe('stopped')
    expect(world.done()).toEqual(['start', 'shift', 'un-shift', 'un-start'])
  })
})

describe('a worker that dies', () => {
  it('leaves the run to another, which does nothing twice', async () => {
    const world = createWorld()
    let killed = false
    world.during('shift', async () => {
      if (killed) return
      killed = true
      world.store.kill(1)
      await new Promise((resolve) => setTimeout(resolve, 5))
    })
    world.plans([act('start'), act('shift'), act('retire')])
    const run = await world.asked()
    await world.engine().carry(run)
    expect((await world.view(run)).run.state).toBe('running')
    await world.engine().carry(run)
    expect((await world.view(run)).run.state).toBe('done')
    expect(world.done()).toEqual(['start', 'shift', 'retire'])
  })

  it('is not followed into an unfenced action before its deadline', async () => {
    const world = createWorld({ fence: 'none' })
    world.during('shift', async () => world.store.kill(1))
    world.plans([act('shift', { timeout: 100 })])
    const run = await world.asked()
    await world.engine().carry(run)
    world.during('shift', async () => {})
    const survivor = world.engine()
    await survivor.carry(run)
    const parked = await world.view(run)
    expect(parked.run.state).toBe('waiting')
    expect(parked.run.wakeAt).toEqual(parked.steps[0]?.deadline)
    await new Promise((resolve) => setTimeout(resolve, 110))
    await survivor.carry(run)
    expect((await world.view(run)).run.state).toBe('done')
  })

  it('in an unfenced undo keeps the run turned round, and the undo goes on after its deadline', async () => {
    const world = createWorld({ fence: 'none' })
    world.breaks('shift')
    world.during('un-shift', async () => world.store.kill(1))
    const undo = { title: 'undo shift', action: 'world.act', with: { what: 'un-shift' }, timeout: 100 }
    world.plans([act('start'), act('shift', { undo })])
    const run = await world.asked()
    await world.engine().carry(run)
    world.during('un-shift', async () => {})
    const survivor = world.engine()
    await survivor.carry(run)
    const parked = await world.view(run)
    expect(parked.run).toMatchObject({ state: 'undoing', wakeAt: parked.steps.at(-2)?.deadline })
    world.clock.ahead(110)
    await survivor.carry(run)
    expect((await world.view(run)).run.state).toBe('undone')
    expect(world.done()).toEqual(['start', 'shift', 'un-shift', 'un-start'])
  })

  it('in a step that nothing fences keeps a stop from undoing it before its deadline', async () => {
    const world = createWorld({ fence: 'none' })
    world.during('shift', async () => world.store.kill(1))
    world.plans([act('shift', { timeout: 100 })])
    const run = await world.asked()
    await world.engine().carry(run)
    world.during('shift', async () => {})
    await world.store.desk.requestStop(run, marco, '', new Date())
    const survivor = world.engine()
    await survivor.carry(run)
    expect(world.done()).toEqual(['shift'])
    world.clock.ahead(110)
    await survivor.carry(run)
    expect((await world.view(run)).run.state).toBe('stopped')
    expect(world.done()).toEqual(['shift', 'un-shift'])
  })

  it('in an act that cannot be looked at leaves it to people, who are asked after its deadline', async () => {
    const world = createWorld({ fence: 'blind' })
    world.during('pay', async () => world.store.kill(1))
    world.plans([act('pay', { timeout: 100, onFailure: 'ask' })])
    const run = await world.asked()
    await world.engine().carry(run)
    const survivor = world.engine()
    await survivor.carry(run)
    expect(await world.states(run)).toEqual({ pay: 'running' })
    world.clock.ahead(110)
    await survivor.carry(run)
    expect(await world.states(run)).toEqual({ pay: 'errored', 'choose-pay-1': 'waiting' })
    await world.answers(run, 'choose-pay-1', 'skip')
    await survivor.carry(run)
    expect((await world.view(run)).run.state).toBe('done')
    expect(world.done()).toEqual(['pay'])
  })

  it('is found by the sweep', async () => {
    const world = createWorld()
    world.plans([act('start')])
    const run = await world.asked()
    const engine = world.engine()
    engine.sweep()
    await expect.poll(async () => (await world.view(run)).run.state).toBe('done')
    await engine.stop()
  })
})

describe('planning', () => {
  it('that refuses ends the run with the way forward, and nothing ran', async () => {
    const { refused } = await import('../../src/errors.js')
    const world = createWorld()
    world.planner.plan = async () => {
      throw refused('no-such-version', 'There is no v9.', { next: 'Try v1.8.0.' })
    }
    const run = await world.asked()
    await world.engine().carry(run)
    expect((await world.view(run)).run).toMatchObject({
      state: 'refused',
      reason: { code: 'no-such-version', next: 'Try v1.8.0.' },
    })
  })

  it('is tried again when a fact could not be had for a moment', async () => {
    const { failed } = await import('../../src/errors.js')
    const world = createWorld()
    let tries = 0
    world.planner.plan = async () => {
      if (++tries < 3) throw failed('unreachable', 'no answer', { transient: true })
      return plan([act('start')])
    }
    const run = await world.asked()
    await world.engine().carry(run)
    expect((await world.view(run)).run.state).toBe('done')
  })
})

describe('what is told', () => {
  it('says what serves when a run ends half-way, and tells a bad end in full once', async () => {
    const world = createWorld()
    world.breaks('shift')
    world.breaks('un-start')
    world.finds('now', 'fail')
    world.plans([act('start'), act('shift')], { aftermath: { check: 'world.look', with: { at: 'now' } } })
    const run = await world.asked()
    await world.engine().carry(run)
    expect((await world.view(run)).run).toMatchObject({ state: 'failed', reason: { details: { serving: 'now' } } })
    expect(world.store.posts.map(({ key }) => key)).toEqual(['details'])
  })

  it('calls people once when an approval opens, and once more when its deadline nears', async () => {
    const world = createWorld()
    world.plans([ask('approval', 1, { expires: 3_600_000 }), act('start')])
    const run = await world.asked()
    const engine = world.engine()
    await engine.carry(run)
    const [asked] = (await world.view(run)).steps
    expect(asked?.wakeAt?.getTime()).toBe((asked?.deadline?.getTime() ?? 0) - 900_000)
    expect(world.wakes.at(-1)?.at).toEqual(asked?.wakeAt)
    world.clock.ahead(2_800_000)
    await engine.carry(run)
    await engine.carry(run)
    expect(world.store.posts.map(({ key }) => key)).toEqual(['ask:approval:1:1', 'ask:approval:1:1:again'])
  })
})
