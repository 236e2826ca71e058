import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ShipmateError } from '../../src/errors.js'
import type { Release } from '../../src/releases/release.js'
import type { Place, Target, TargetChange, TargetState } from '../../src/releases/target.js'
import type { Step } from '../../src/runs/step.js'
import { type Abilities, type Carried, carryOut } from './carry-out.js'

/** A place where `serving` serves on `place.instances` instances, with a release that is good and one that never gets ready. */
export type TargetWorld = Abilities & {
  target: Target
  place: Place
  serving: string
  good: Release
  neverReady: Release
  /** The one that served from the start. */
  first: Release
  end(): Promise<void>
}

/** What every target has to keep, whatever it drives. Every driver runs this. */
export function targetSuite(name: string, open: () => Promise<TargetWorld>): void {
  describe(`${name} as a target`, () => {
    let world: TargetWorld
    let epoch = 100
    beforeAll(async () => {
      world = await open()
    }, 60_000)
    afterAll(() => world?.end())

    const look = () => world.target.look(world.place)
    const replaceBy = (to: Release, place = world.place): TargetChange => ({
      kind: 'replace',
      place,
      to,
      from: world.serving,
    })
    const scaleTo = (instances: number): TargetChange => ({
      kind: 'scale',
      place: world.place,
      instances,
      version: world.serving,
    })
    async function change(wanted: (state: TargetState) => TargetChange): Promise<Carried & { after: TargetState }> {
      const state = await look()
      epoch += 1
      const steps = world.target.steps(wanted(state), state)
      const carried = await carryOut(world, steps, { run: epoch, epoch })
      return { ...carried, after: await look() }
    }

    test('a look says what serves, and changes nothing', async () => {
      const state = await look()
      expect(state.serving).toBe(world.serving)
      expect(state.instances).toHaveLength(world.place.instances)
      expect(state.instances.every(({ ready, version }) => ready && version === world.serving)).toBe(true)
      expect(await look()).toEqual(state)
    })

    test('the same change and state give the same steps, which are data', async () => {
      const state = await look()
      for (const strategy of ['blue-green', 'rolling'] as const) {
        const steps = () =>
          world.target.steps(replaceBy(world.good, { ...world.place, strategy, shares: [5, 50] }), state)
        expect(steps()).toEqual(steps())
        expect(JSON.parse(JSON.stringify(steps()))).toEqual(steps())
      }
    })

    test('steps have keys of their own, titles that fit a phone, and wait only for steps before them', async () => {
      const state = await look()
      for (const strategy of ['blue-green', 'rolling'] as const)
        expectWellFormed(
          world.target.steps(replaceBy(world.good, { ...world.place, strategy, shares: [5, 50] }), state),
        )
      expectWellFormed(world.target.steps(scaleTo(world.place.instances + 1), state))
    })

    test('a release that never gets ready never serves, and what served before serves on', async () => {
      const before = await look()
      const { failure, story, after } = await change((state) => {
        const place = { ...world.place, healthy: 1500 }
        return { kind: 'replace', place, to: world.neverReady, from: state.serving }
      })
      expect(failure).not.toBeNull()
      expect(story.some((line) => line.startsWith('shift'))).toBe(false)
      expect(after).toEqual(before)
    }, 60_000)

    for (const strategy of ['blue-green', 'rolling'] as const)
      test(`${strategy}: the new release serves alone afterwards, and the old one can come back`, async () => {
        const there = await change(() => replaceBy(world.good, { ...world.place, strategy }))
        expect(there.failure).toBeNull()
        expectServes(there.after, world.good.version, world.place.instances)
        const back = await change(() => replaceBy(world.first, { ...world.place, strategy }))
        expect(back.failure).toBeNull()
        expectServes(back.after, world.serving, world.place.instances)
      }, 120_000)

    test('scaling adds instances that serve, takes them away again, and never goes below one', async () => {
      const more = await change(() => scaleTo(world.place.instances + 1))
      expect(more.failure).toBeNull()
      expectServes(more.after, world.serving, world.place.instances + 1)
      const fewer = await change(() => scaleTo(world.place.instances))
      expect(fewer.failure).toBeNull()
      expectServes(fewer.after, world.serving, world.place.instances)
      const state = await look()
      expect(world.target.steps(scaleTo(world.place.instances), state)).toEqual([])
      expect(() => world.target.steps(scaleTo(0), state)).toThrow(ShipmateError)
    }, 60_000)
  })
}

function expectServes(state: TargetState, version: string, instances: number): void {
  expect(state.serving).toBe(version)
  expect(state.instances.map((instance) => instance.version)).toEqual(Array(instances).fill(version))
  expect(state.instances.every(({ ready, weight }) => ready && weight > 0)).toBe(true)
}

function expectWellFormed(steps: Step[]): void {
  const keys = steps.map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)
  for (const [index, step] of steps.entries()) {
    expect(step.key).toMatch(/^[a-z0-9][a-z0-9-]*$/)
    expect(step.title.length).toBeLessThanOrEqual(40)
    expect(step.timeout).toBeGreaterThan(0)
    expect(['check', 'do']).toContain(step.verb)
    for (const need of step.needs ?? []) expect(keys.indexOf(need)).toBeLessThan(index)
    for (const need of step.needs ?? []) expect(keys).toContain(need)
  }
}
