import { expect, test } from 'vitest'
import { usersOf } from '../../src/releases/backups/backup-policy.js'
import { ownInvariants } from '../../src/releases/backups/own-database.js'
import { shopCatalogue, shopText } from '../support/shop.js'

const embedded = 'engine: { embedded: { storage: { path: /srv/own } } }'
const home = 'home: { service: storefront, environment: prod }'
const withOwn = (...lines: string[]) =>
  shopText.replace('backups:\n', `backups:\n  shipmate:\n${lines.map((line) => `    ${line}\n`).join('')}`)

test('Shipmate’s own database has a home instead of a place that uses it, and its drills follow the trail', () => {
  const catalogue = shopCatalogue(withOwn(home, embedded))
  expect(usersOf(catalogue, 'shipmate')).toEqual([{ service: 'storefront', environment: 'prod' }])
  const { drill, scratch, schedule } = catalogue.backups.shipmate ?? {}
  expect(drill?.invariants).toEqual(ownInvariants)
  expect(scratch?.superuser).toBe('shipmate')
  expect(schedule).toMatchObject({ full: '0 2 * * *', drill: '0 4 * * 0' })
  expect(catalogue.backups.shop?.drill.invariants.map(({ name }) => name)).toEqual(['every order has lines'])
  expect(catalogue.backups.shop?.scratch.superuser).toBe('shipmate')
})

test.each([
  ['no home', [embedded], /wanted home, the place where its backups are told/],
  [
    'a service that is not there',
    ['home: { service: shopfront, environment: prod }', embedded],
    /Did you mean "storefront"/,
  ],
  [
    'an environment that is not there',
    ['home: { service: storefront, environment: production }', embedded],
    /an environment of storefront/,
  ],
  [
    'an engine that needs its server',
    [home, 'engine: { native: { bin: /b, archive: /a, folder: /f } }'],
    /wanted the engine embedded/,
  ],
])('%s is told with what to do', (_what, lines, says) => {
  expect(() => shopCatalogue(withOwn(...lines))).toThrow(says)
})

test('a database of one’s own cannot have that name, nor a home', () => {
  const named = withOwn(home, embedded).replace(
    'databases:\n',
    'databases:\n  shipmate: { url: env:SHOP_DATABASE_READ }\n',
  )
  expect(() => shopCatalogue(named)).toThrow(/another name for a database of yours/)
  const homely = shopText.replace('backups:\n  shop:\n', `backups:\n  shop:\n    ${home}\n`)
  expect(() => shopCatalogue(homely)).toThrow(/home for Shipmate’s own database or a set of files alone/)
})
