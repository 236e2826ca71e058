import { afterAll, beforeAll, describe } from 'vitest'
import { corruptionTests } from '../../../support/backups/contract-corruption.js'
import { interruptionTests } from '../../../support/backups/contract-interruption.js'
import { removeTests, takeTests } from '../../../support/backups/contract-take.js'
import { type ResticRig, resticRig } from '../../../support/backups/restic-rig.js'
import { optIn, requirePart } from '../../../support/parts.js'

const program = requirePart('restic')

// What every engine promises, as far as files have it: there is no server, no WAL and no point between two backups.
describe.skipIf(!optIn('restic') || !program)('restic on a folder that people write to', () => {
  let made: ResticRig
  const rig = () => made
  const traits = { kinds: ['full' as const], pointInTime: false, scratch: true }

  beforeAll(async () => {
    made = await resticRig(program ?? '')
  })
  afterAll(() => made.close())

  takeTests(rig, traits)
  corruptionTests(rig, traits)
  interruptionTests(rig)
  removeTests(rig, traits)
})
