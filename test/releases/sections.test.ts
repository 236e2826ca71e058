import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseCatalogue } from '../../src/releases/catalogue-text.js'

const example = readFileSync('shipmate.example.yml', 'utf8')
const mistakeIn = (from: string, to: string): string => {
  expect(example).toContain(from)
  try {
    parseCatalogue(example.replace(from, to), 'shipmate.yml', {})
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

test.each([
  [
    'a rota that is not there',
    '    storefront: platform\n',
    '    storefront: platfrom\n',
    'onCall.services.storefront: wanted the name of a rota (platform), came "platfrom"',
  ],
  [
    'a service of a rota that is not there',
    '    storefront: platform\n',
    '    storefrnt: platform\n',
    'Did you mean "storefront"?',
  ],
  [
    'an override that ends before it begins',
    'to: 2026-12-27 09:00',
    'to: 2026-12-20 09:00',
    'wanted a moment after from',
  ],
  [
    'a component of an unknown service',
    'service: storefront\n      environment: prod\n      # Its id',
    'service: shop\n      environment: prod\n      # Its id',
    'statusPage.components.0.service: wanted a service',
  ],
  ['a zone that is none', 'onCall:\n  # Hand', 'onCall:\n  zones: x\n  # Hand', 'Did you mean "zone"?'],
])('%s is refused with its line', (_what, from, to, wanted) => {
  expect(mistakeIn(from, to)).toContain(wanted)
})

test('the address of the customers’ webhook is not shown when it is no reference', () => {
  const told = mistakeIn('url: env:CUSTOMERS_WEBHOOK', 'url: https://n8n.example.com/webhook/hidden')
  expect(told).toContain('customers.url')
  expect(told).not.toContain('hidden')
})
