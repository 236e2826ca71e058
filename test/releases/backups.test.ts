import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { policyAt, usersOf } from '../../src/releases/backups/backup-policy.js'
import { parseCatalogue } from '../../src/releases/catalogue-text.js'

const example = readFileSync('shipmate.example.yml', 'utf8')
const parsed = (text = example) => parseCatalogue(text, 'shipmate.yml', {})
const mistakeIn = (from: string, to: string): string => {
  expect(example).toContain(from)
  try {
    parsed(example.replace(from, to))
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

test('a place knows how its database is backed up, and the database whose it is', () => {
  const catalogue = parsed()
  expect(usersOf(catalogue, 'shop')).toEqual([{ service: 'storefront', environment: 'prod' }])
  expect(policyAt(catalogue, 'storefront', 'staging')).toBeNull()
  expect(policyAt(catalogue, 'storefront', 'prod')).toMatchObject({
    database: 'shop',
    engine: { driver: 'pgbackrest', stanza: 'shop', config: '/etc/pgbackrest/pgbackrest.conf' },
    schedule: { full: '0 2 * * *', verify: '0 5 * * 3' },
    keep: { fulls: 2, days: 14, hourly: 0, daily: 0, weekly: 4, monthly: 6 },
    grace: 45 * 60_000,
    proven: 8 * 86_400_000,
    loss: 15 * 60_000,
    scratch: { folder: '/srv/scratch', superuser: 'postgres', preload: [] },
    drill: { newest: { table: 'orders', column: 'created_at', within: 86_400_000 } },
  })
})

test('what is left out has a default that an operator would choose', () => {
  const short = example.replace(
    /^backups:\n[\s\S]*?\n(?=# Caches)/m,
    'backups: { shop: { engine: { embedded: { storage: { path: /srv/b } } } } }\n',
  )
  expect(parsed(short).backups.shop).toEqual({
    database: 'shop',
    engine: {
      ...{ driver: 'embedded', url: null, bin: null },
      storage: { kind: 'path', path: '/srv/b', compression: 'auto', encryption: null },
    },
    schedule: { full: '0 2 * * *', differential: null, incremental: '30 * * * *', drill: '0 4 * * 0', verify: null },
    grace: 45 * 60_000,
    keep: { fulls: 2, days: 14, hourly: 0, daily: 0, weekly: 0, monthly: 0 },
    proven: 8 * 86_400_000,
    beforeMigrations: true,
    loss: null,
    room: 14,
    scratch: { folder: null, superuser: 'postgres', preload: [] },
    drill: { tables: [], newest: null, invariants: [] },
    restore: null,
  })
})

test('restoring asks two who approve deploys, and never who asks, where the file says nothing else', () => {
  const silent = parsed(example.replace(/ {6}# Bringing back data[\s\S]*?expires: 30m\n/, ''))
  const { deploy, restore } = silent.environments.prod?.approvals ?? {}
  expect(restore).toEqual({ ...deploy, quorum: 2, requester: 'excluded' })
  expect(silent.environments.staging?.byHand).toBe(false)
})

/** The whole engine of the example. */
const [pgbackrest = ''] = /^ {6}pgbackrest:\n( {8}.*\n)+/m.exec(example) ?? []

test.each([
  [
    'a schedule that cron cannot read',
    'full: 0 2 * * *',
    'full: 0 25 * * *',
    'backups.shop.schedule.full: wanted five fields of cron',
  ],
  [
    'two engines at once',
    pgbackrest,
    `      dump: { bin: /usr/bin, storage: { path: /srv/b }, tables: [] }\n${pgbackrest}`,
    'wanted exactly one of pgbackrest',
  ],
  [
    'an engine that there is not',
    '      pgbackrest:\n        program',
    '      pgbackrst:\n        program',
    'Did you mean "pgbackrest"?',
  ],
  [
    'a database that there is not',
    'backups:\n  shop:',
    'backups:\n  shp:',
    'backups.shp: wanted a database, came "shp", which does not exist. Did you mean "shop"?',
  ],
  [
    'a database that nobody uses',
    '          database: shop\n',
    '',
    'wanted a database that some place of a service uses',
  ],
  ['a proof without drills', '      drill: 0 4 * * 0\n', '', 'backups.shop.proven: wanted a schedule with drill'],
  ['a storage that is nowhere', pgbackrest, '      embedded: { storage: {} }\n', 'wanted either path or s3'],
  [
    'fulls that are none',
    '      fulls: 2\n',
    '      fulls: 0\n',
    'backups.shop.keep.fulls: wanted a whole number from 1 to 1000',
  ],
])('%s is refused with its line', (_what, from, to, wanted) => {
  expect(mistakeIn(from, to)).toContain(wanted)
})

test('a passphrase that stands in the file is refused and not shown', () => {
  const told = mistakeIn(pgbackrest, '      embedded: { storage: { path: /srv/b, encryption: correct-horse } }\n')
  expect(told).toContain('encryption: wanted a reference to a secret')
  expect(told).not.toContain('correct-horse')
})
