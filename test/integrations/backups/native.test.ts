import { existsSync } from 'node:fs'
import { describe } from 'vitest'
import { describeEngine } from '../../support/backups/engine-contract.js'
import { installedPostgres } from '../../support/backups/local-server.js'
import { nativeRig } from '../../support/backups/native-rig.js'
import { optIn } from '../../support/parts.js'

const bin = installedPostgres()
const older = bin !== null && Number(bin.split('/').at(-2)) < 17

describe.skipIf(!optIn('native') || !bin || !older)('before PostgreSQL 17', () => {
  describeEngine('its own tools', () => nativeRig(bin ?? ''), { kinds: ['full'], pointInTime: true, scratch: true })
})

// A folder of programs of PostgreSQL 17 or later; docs/operations says how one is made on Debian 12.
const newer = process.env.SHIPMATE_POSTGRES_17 ?? '/opt/postgresql-17/bin'

describe.skipIf(!optIn('native-17') || !existsSync(newer))('from PostgreSQL 17 on', () => {
  describeEngine('its own tools with increments', () => nativeRig(newer, ['summarize_wal = on']))
})
