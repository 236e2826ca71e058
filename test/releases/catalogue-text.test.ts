import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ShipmateError } from '../../src/errors.js'
import { placedIn, placementOf } from '../../src/releases/catalogue.js'
import { catalogueFile } from '../../src/releases/catalogue-schema.js'
import { parseCatalogue } from '../../src/releases/catalogue-text.js'
import { shopCatalogue, shopText } from '../support/shop.js'

const example = readFileSync('shipmate.example.yml', 'utf8')

function mistakes(text: string, env = {}): string[] {
  try {
    parseCatalogue(text, 'shipmate.yml', env)
    return []
  } catch (error) {
    if (!(error instanceof ShipmateError)) throw error
    expect(error).toMatchObject({ kind: 'refused', code: 'catalogue-invalid' })
    return error.message.split('\n').slice(1)
  }
}

const changed = (from: string, to: string) => {
  expect(example).toContain(from)
  return mistakes(example.replace(from, to))
}

/** `<line>`: where the example and what was made of it begin to differ; `<line-1>`: the one before. */
const withLine = (wanted: string, from: string, to: string) => {
  const other = example.replace(from, to)
  const line = example
    .slice(
      0,
      [...example].findIndex((letter, at) => letter !== other[at]),
    )
    .split('\n').length
  return wanted.replace(/<line(-\d)?>/, (_, before = '0') => String(line + Number(before)))
}

test('the example shows every key there is', () => {
  const known = keysOf(z.toJSONSchema(catalogueFile, { io: 'input', unrepresentable: 'any' }))
  const absent = [...new Set(known)].filter((key) => !new RegExp(`\\b${key}:`).test(example))
  expect(known.length).toBeGreaterThan(30)
  expect(absent).toEqual([])
})

function keysOf(shape: unknown): string[] {
  if (typeof shape !== 'object' || shape === null) return []
  const own = 'properties' in shape && typeof shape.properties === 'object' ? Object.keys(shape.properties ?? {}) : []
  return [...own, ...Object.values(shape).flatMap(keysOf)]
}

test('the example is valid', () => {
  const catalogue = parseCatalogue(example, 'shipmate.example.yml', {})
  expect(placedIn(catalogue, 'prod')).toEqual(['storefront'])
  expect(placementOf(catalogue, 'storefront', 'prod')).toEqual({
    service: 'storefront',
    environment: 'prod',
    target: 'shop',
    strategy: 'blue-green',
    instances: 2,
    maxInstances: 6,
    shares: [10, 50],
    verify: { for: 60_000, maxErrors: 0.01, minRequests: 20 },
    drain: 10_000,
    healthy: 60_000,
  })
  expect(catalogue.environments.prod?.approvals.deploy).toEqual({
    quorum: 2,
    groups: ['release-managers'],
    people: [],
    requester: 'excluded',
    expires: 900_000,
  })
})

test('what is left out gives nobody a right, and everyone a look', () => {
  const text = example.replace(/ {6}deploy:\n {8}groups: \[engineers, release-managers\]\n/, '')
  const { may } = parseCatalogue(text, 'shipmate.yml', {}).environments.prod ?? {}
  expect(may?.deploy).toEqual({ groups: [], people: [], everyone: false })
  expect(may?.view.everyone).toBe(true)
})

test('the playground has one person approve a deploy to prod and nobody a rollback', () => {
  const { approvals } = shopCatalogue().environments.prod ?? {}
  expect([approvals?.deploy.quorum, approvals?.rollback.quorum]).toEqual([1, 0])
})

test('nothing a name could inherit is found', () => {
  expect(placementOf(shopCatalogue(), 'constructor', 'prod')).toBeNull()
  expect(placementOf(shopCatalogue(), 'storefront', '__proto__')).toBeNull()
})

test('a value from the environment that is missing is asked for by its name', () => {
  expect(mistakes(shopText)[0]).toBe(
    `shipmate.yml:11:14: targets.shop.hosts.0.url: wanted a value for \${SHOP_HOST_1}, came none in the environment. Set SHOP_HOST_1, or write the value here.`,
  )
})

test.each([
  [
    'a word that is none of those possible',
    'mode: act',
    'mode: acr',
    'shipmate.yml:<line>:11: environments.prod.mode: wanted "act" or "observe", came "acr". Did you mean "act"?',
  ],
  [
    'an unknown key',
    'requester: excluded',
    'requster: excluded',
    'shipmate.yml:<line>:9: environments.prod.approvals.deploy.requster: wanted one of the keys quorum, groups, people, requester, expires, came the key "requster". Did you mean "requester"?',
  ],
  [
    'a target that does not exist',
    'target: shop',
    'target: shpo',
    'shipmate.yml:<line>:17: services.storefront.environments.prod.target: wanted a target, came "shpo", which does not exist. Did you mean "shop"?',
  ],
  [
    'an environment that does not exist',
    '      staging:',
    '      stagng:',
    'shipmate.yml:<line>:7: services.storefront.environments.stagng: wanted an environment, came "stagng", which does not exist. Did you mean "staging"?',
  ],
  [
    'a default service that is not placed there',
    'defaultService: storefront',
    'defaultService: blog',
    'shipmate.yml:<line>:21: environments.prod.defaultService: wanted a service placed in prod, came "blog", which does not exist. There are: storefront.',
  ],
  [
    'a quorum nobody can meet',
    'groups: [release-managers]\n        people: []',
    'groups: []\n        people: [U02ABCDEF]',
    'shipmate.yml:<line-1>:17: environments.prod.approvals.deploy.quorum: wanted a quorum that the people listed can meet, came 2 of 1 person. Lower quorum, or add people or groups.',
  ],
  [
    'a duration without a unit that is known',
    'drain: 10s',
    'drain: 10 parsecs',
    'shipmate.yml:<line>:16: services.storefront.environments.prod.drain: wanted a duration such as "20s" or "5m", came "10 parsecs". Change the value.',
  ],
  [
    'a number in words',
    'instances: 2',
    'instances: two',
    'shipmate.yml:<line>:20: services.storefront.environments.prod.instances: wanted a whole number from 1 to 100, came "two". Change the value.',
  ],
  [
    'a channel by its name',
    'channel: C0RELEASES',
    'channel: "#releases"',
    'shipmate.yml:<line>:14: environments.prod.channel: wanted a channel id such as "C02ABCDEF" (in Slack: channel details, at the end), came "#releases". Change the value.',
  ],
  [
    'fewer instances allowed than there are',
    'maxInstances: 6',
    'maxInstances: 1',
    'shipmate.yml:<line>:23: services.storefront.environments.prod.maxInstances: wanted at least the 2 of instances, came 1. Raise maxInstances or lower instances.',
  ],
  [
    'shares that fall',
    'shares: [10, 50]',
    'shares: [50, 10]',
    'shipmate.yml:<line>:22: services.storefront.environments.prod.shares.1: wanted a larger share than the one before it, came 10. Sort them: [10, 50].',
  ],
  [
    'a name with capitals',
    '  shop:',
    '  Shop:',
    'shipmate.yml:<line>:3: targets.Shop: wanted a name of small letters, digits and dashes, at most 40 long, came "Shop". Rename it.',
  ],
  [
    'a time zone nobody lives in',
    'zone: Europe/Rome',
    'zone: Europe/Roma',
    'shipmate.yml:<line>:7: zone: wanted a time zone such as "Europe/Rome", came "Europe/Roma". Change the value.',
  ],
  [
    'two hosts with one name',
    'name: beta',
    'name: alpha',
    'shipmate.yml:<line>:15: targets.shop.hosts.1.name: wanted a host name that no other host of the target has, came "alpha". Rename one of them.',
  ],
])('%s is refused with line, column and what to do', (_, from, to, wanted) => {
  expect(changed(from, to)).toContain(withLine(wanted, from, to))
})

test('YAML that cannot be read names the place', () => {
  const [from, to] = ['groups: [release-managers]', 'groups: [@release-managers]']
  expect(changed(from, to)).toEqual([
    withLine(
      'shipmate.yml:<line>:18: wanted YAML, came something else: Plain value cannot start with reserved character @. Check indentation, quotes and colons there.',
      from,
      to,
    ),
  ])
  expect(mistakes('')[0]).toBe('shipmate.yml:1:1: wanted keys with values, came nothing. Change the value.')
})

test('all mistakes are told at once', () => {
  const text = example.replace('mode: act', 'mode: on').replace('instances: 2', 'instances: 0')
  expect(mistakes(text)).toHaveLength(2)
})

test('a secret in place of a reference is never shown', () => {
  const found = changed('token: env:SHOP_HOSTS_TOKEN', 'token: hunter2-is-secret')
  expect(found).toEqual([
    'shipmate.yml:27:12: targets.shop.token: wanted a reference to a secret: "env:NAME" or "file:PATH", came a value that is not shown. Change the value.',
  ])
})

test('a value filled in from the environment is shown as it is written, for it may be a secret', () => {
  const text = example.replace('url: http://10.0.0.11:7001', `url: \${HOST}`)
  const found = mistakes(text, { HOST: 'hunter2' })
  expect(found[0]).toContain(`came "\${HOST}"`)
  expect(found.join()).not.toContain('hunter2')
})

test('two places that the target would know by one name are refused', () => {
  const text = `${example.replace('services:\n', 'services:\n  storefront-prod:\n    releases: { driver: folder, path: /x }\n    environments:\n      eu: { target: shop, instances: 1 }\n')}`
  const twin = text
    .replace('      staging:', '      prod-eu:')
    .replace('\n  staging:\n', '\n  eu:\n')
    .replace(
      '\nenvironments:\n',
      '\nenvironments:\n  prod-eu:\n    channel: C0STAGING\n    approvals: { deploy: { quorum: 0 } }\n    may: {}\n',
    )
  expect(mistakes(twin).join()).toContain('wanted a name of its own on the target')
})

test('an alert that is routed to a service nobody has is refused with its line and the name that was meant', () => {
  const text = example.replace(/( {6}service: )storefront\n( {6}environment: prod\n {6}severity)/, '$1storefrnt\n$2')
  expect(() => parseCatalogue(text, 'shipmate.yml', {})).toThrow(
    /alerts\.routes\.0\.service: wanted a service.*storefront/,
  )
})
