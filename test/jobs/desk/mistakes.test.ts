import { expect, test } from 'vitest'
import type { FormName } from '../../../src/commands/command.js'
import type { FormValues } from '../../../src/jobs/desk/forms.js'
import { mistakeIn } from '../../../src/jobs/desk/mistakes.js'
import { shopCatalogue, shopText } from '../../support/shop.js'

const place = { service: 'storefront', environment: 'prod' }

test.each<[FormName, FormValues, string | null, RegExp | null]>([
  ['deploy', place, null, null],
  ['deploy', { ...place, version: 'v1.8.0' }, null, null],
  ['deploy', { service: 'storefront' }, 'environment', /^Choose the environment\. There are: .*prod/],
  ['deploy', { ...place, environment: 'prd' }, 'environment', /^There is no environment "prd" here\./],
  ['deploy', { environment: 'prod' }, 'service', /^Choose the service\. There are: .*storefront/],
  ['rollback', { ...place, version: '../etc' }, 'version', /cannot be a version/],
  ['scale', { ...place, instances: '3' }, null, null],
  ['scale', place, 'instances', /^Choose 1 to \d+/],
  ['scale', { ...place, instances: '0' }, 'instances', /At least 1 instance must run/],
  ['scale', { ...place, instances: '999' }, 'instances', /^Choose 1 to \d+/],
  ['scale', { ...place, instances: 'many' }, 'instances', /many/],
])('a form to %s with %j: a mistake in %s', (name, values, field, words) => {
  const mistake = mistakeIn(shopCatalogue(shopText), name, values)
  expect(mistake?.field ?? null).toBe(field)
  if (words) expect(mistake?.text).toMatch(words)
})
