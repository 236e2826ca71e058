import { describeEngine } from '../../../support/backups/engine-contract.js'
import { embeddedRig } from '../../../support/backups/embedded-rig.js'

describeEngine('the embedded engine, packed and encrypted', embeddedRig)
