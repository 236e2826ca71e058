import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseCatalogue } from '../../src/releases/catalogue-text.js'
import { gateChecks, watchOf } from '../../src/releases/watch.js'
import { partsOf } from '../support/watched/scene.js'

const gateOf = (watch: string, sections = '') =>
  gateChecks(partsOf(watch, sections).catalogue, 'storefront', 'prod').map(({ key }) => key)

test('the gate of a place is everything that is set up there, and no alert', () => {
  expect(gateOf('probe: https://shop.example.com/')).toEqual([
    'http.probe',
    'tls.certificate',
    'dns.resolves',
    'alerts.quiet',
  ])
  expect(gateOf('database: shop', 'databases: { shop: { url: env:READ } }')).toEqual([
    'postgres.reachable',
    'postgres.locks',
    'postgres.connections',
    'alerts.quiet',
  ])
  expect(gateChecks(partsOf('disk: [/srv]').catalogue, 'nothing', 'prod').map(({ key }) => key)).toEqual([
    'alerts.quiet',
  ])
})

test('an operator may name the gate; a vendor’s check is one for each vendor', () => {
  const watch = 'externals: [{ name: stripe }, { name: supabase }]\ngate: [external.status, http.probe]'
  expect(gateOf(watch)).toEqual(['external.status:stripe', 'external.status:supabase', 'http.probe'])
  const [first] = gateChecks(partsOf(watch).catalogue, 'storefront', 'prod')
  expect(first).toEqual({
    key: 'external.status:stripe',
    title: 'stripe is well',
    check: 'external.status',
    with: { service: 'storefront', environment: 'prod', vendor: 'stripe' },
  })
})

test('queries for metrics are made from the labels of the place, and no failed request counts as none', () => {
  const { catalogue } = partsOf('metrics: {}', 'prometheus: { url: "http://127.0.0.1:9090" }')
  expect(watchOf(catalogue, 'storefront', 'prod')?.metrics?.errors).toBe(
    '(sum(rate(http_requests_total{service="storefront",environment="prod",status=~"5.."}[2m])) or vector(0)) / ' +
      'sum(rate(http_requests_total{service="storefront",environment="prod"}[2m]))',
  )
})

test('the example’s watch is read whole, and is no part of what plans pin', () => {
  const catalogue = parseCatalogue(readFileSync('shipmate.example.yml', 'utf8'), 'shipmate.example.yml', {})
  expect(watchOf(catalogue, 'storefront', 'prod')).toMatchObject({
    database: 'shop',
    clean: [{ path: '/srv/tmp', olderThan: 604_800_000, ending: '.tmp' }],
    externals: [{ name: 'stripe', probe: 'https://api.stripe.com/healthcheck' }, { name: 'supabase' }, { name: 'n8n' }],
  })
  expect(catalogue.databases.shop?.size).toBe(50 * 1024 ** 3)
  expect(catalogue.services.storefront?.environments.prod).not.toHaveProperty('watch')
  expect(watchOf(catalogue, 'storefront', 'staging')).toBeNull()
  expect(watchOf(catalogue, 'constructor', '__proto__')).toBeNull()
})

test.each([
  ['a database that is not there', 'database: shpo', /watch.database: wanted a database, came "shpo"/],
  ['metrics without a Prometheus', 'metrics: {}', /watch.metrics: wanted a Prometheus to ask, came none/],
  ['a vendor nobody knows', 'externals: [{ name: acme }]', /externals.0.name: wanted one of cloudflare, github/],
  ['a command without a program', 'commands: { go: { run: [] } }', /wanted a program and its arguments, as a list/],
  ['a check that is none', 'gate: [http.prob]', /Did you mean "http.probe"\?/],
])('%s is refused with what to do', (_, watch, words) => {
  expect(() => partsOf(watch)).toThrow(words)
})

test('the address of a database is a reference, and one that is none is not shown', () => {
  const sections = 'databases: { shop: { url: "postgres://u:hunter2@db/shop" } }'
  expect(() => partsOf('database: shop', sections)).toThrow(/came a value that is not shown/)
})
