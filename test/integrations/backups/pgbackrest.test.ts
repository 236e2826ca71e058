import { describe } from 'vitest'
import { describeEngine } from '../../support/backups/engine-contract.js'
import { installedPostgres } from '../../support/backups/local-server.js'
import { pgBackRestRig } from '../../support/backups/pgbackrest-rig.js'
import { optIn, requirePart } from '../../support/parts.js'

const program = requirePart('pgbackrest')
const bin = installedPostgres()

describe.skipIf(!optIn('pgbackrest') || !program || !bin)('on a real PostgreSQL', () => {
  describeEngine('pgBackRest', () => pgBackRestRig(bin ?? '', program ?? ''))
})

describe.skipIf(!program || !bin || !optIn('pgbackrest-encrypted'))('on a real PostgreSQL, encrypted', () => {
  describeEngine('pgBackRest with a repository of bundles', () =>
    pgBackRestRig(bin ?? '', program ?? '', {
      options: [
        'repo1-bundle=y',
        'compress-type=zst',
        'repo1-cipher-type=aes-256-cbc',
        'repo1-cipher-pass=a-passphrase',
      ],
    }),
  )
})
