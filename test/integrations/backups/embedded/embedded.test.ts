import { embeddedRig } from '../../../support/backups/embedded-rig.js'
import { describeEngine } from '../../../support/backups/engine-contract.js'

describeEngine('the embedded engine, packed and encrypted', embeddedRig)
