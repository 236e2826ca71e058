import { expect, test } from 'vitest'
import { changeAddress, compareAddress, fileAddress, releaseNamed } from '../../src/releases/repository.js'
import { release, shopCatalogue, shopReleases, shopText } from '../support/shop.js'

const github = 'https://github.com/acme/shop'
const [old, fresh] = [release('v1.7.3'), release('v1.8.0')]

test('commits and comparisons are linked as the forge has them', () => {
  expect(changeAddress(`${github}.git`, { sha: 'abc1234' })).toBe(`${github}/commit/abc1234`)
  expect(compareAddress(`${github}/`, old, fresh)).toBe(`${github}/compare/${old.commit}...${fresh.commit}`)
  expect(changeAddress('https://gitlab.example.com/acme/shop', { sha: 'abc1234' })).toBe(
    'https://gitlab.example.com/acme/shop/-/commit/abc1234',
  )
})

test.each<[string, string | null]>([
  ['src/cart.ts:42', `${github}/blob/${fresh.commit}/src/cart.ts#L42`],
  ['./src/cart.ts', `${github}/blob/${fresh.commit}/src/cart.ts`],
  ['app:///src/cart.ts:42', `${github}/blob/${fresh.commit}/src/cart.ts#L42`],
  ['src/a#b.ts:1', `${github}/blob/${fresh.commit}/src/a%23b.ts#L1`],
  ['/srv/app/src/cart.ts:42', null],
  ['node:internal/timers.js:1', null],
  ['../../etc/passwd.txt', null],
  ['lodash', null],
])('%s is read in the release that threw it, or not linked', (place, address) => {
  expect(fileAddress(github, fresh, place)).toBe(address)
})

test('a release is known by its version, with or without v and the service, and by its commit', () => {
  const named = (name: string) => releaseNamed(shopReleases(), 'storefront', name)?.version ?? null
  expect(['v1.8.0', '1.8.0', 'storefront@1.8.0', release('v1.8.0').commit].map(named)).toEqual(Array(4).fill('v1.8.0'))
  expect(['1.8', 'checkout@1.8.0', 'latest', ''].map(named)).toEqual(Array(4).fill(null))
})

test('an address with a secret in it is a mistake in the operator’s file: links show it to everybody', () => {
  const at = (repository: string) =>
    shopCatalogue(shopText.replace(/( +)releases:/, `$1repository: ${repository}\n$1releases:`))
  expect(at('https://github.com/acme/shop').services.storefront?.repository).toBe('https://github.com/acme/shop')
  expect(() => at('https://bot:secret@github.com/acme/shop')).toThrow(/repository/)
  expect(() => at('https://github.com/acme/shop?tab=code')).toThrow(/repository/)
})
