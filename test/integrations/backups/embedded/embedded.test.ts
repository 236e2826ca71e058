import { describe } from 'vitest'
import { embeddedRig } from '../../../support/backups/embedded-rig.js'
import { describeEngine } from '../../../support/backups/engine-contract.js'
import { optIn } from '../../../support/parts.js'

describe.skipIf(!optIn('embedded-engine'))('with no program but Node.js', () => {
  describeEngine('the embedded engine, packed and encrypted', embeddedRig)
})
