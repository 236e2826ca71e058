import { afterAll, beforeAll, describe } from 'vitest'
import { corruptionTests } from './contract-corruption.js'
import { interruptionTests } from './contract-interruption.js'
import { restoreTests } from './contract-restore.js'
import { removeTests, takeTests } from './contract-take.js'
import { type EngineRig, layTables, type Traits, writesOn } from './engine-rig.js'

/** The rig of a suite, made before its first test. */
export type Rig = () => EngineRig

/**
 * What every engine promises, on a real server under writes. The tests of one engine share a rig and run in this order;
 * what one plants it takes away again. `dist/` must be built: one test kills a process that runs the compiled engine.
 */
export function describeEngine(
  name: string,
  makeRig: () => Promise<EngineRig>,
  traits: Traits = { kinds: ['full', 'differential', 'incremental'], pointInTime: true, scratch: true },
): void {
  describe(name, () => {
    let made: EngineRig | null = null
    let writes: ReturnType<typeof writesOn> | null = null
    const rig: Rig = () => {
      if (!made) throw new Error('the rig was not made')
      return made
    }

    beforeAll(async () => {
      made = await makeRig()
      await layTables(made.url)
      writes = writesOn(made.url)
    }, 180_000)

    afterAll(async () => {
      await writes?.stop().catch(() => {})
      await made?.close()
    }, 180_000)

    takeTests(rig, traits)
    restoreTests(rig, traits)
    corruptionTests(rig, traits)
    interruptionTests(rig)
    removeTests(rig, traits)
  })
}
