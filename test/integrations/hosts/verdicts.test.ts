import { expect, test } from 'vitest'
import { verdictOf } from '../../../src/integrations/hosts/verify.js'

const input = {
  target: 'shop',
  service: 'storefront',
  environment: 'prod',
  version: 'v1.8.0',
  share: 5,
  for: 60_000,
  maxErrors: 0.01,
  minRequests: 200,
}
const verdict = (failed: number, requests: number, elapsedMs: number) =>
  verdictOf(input, { failed, requests, elapsedMs })

test('while time is left and errors are few there is no verdict', () => {
  expect(verdict(0, 0, 0)).toBeNull()
  expect(verdict(2, 50, 30_000)).toBeNull()
})

test('more errors than the least number of requests may have fail at once, before the time is over', () => {
  expect(verdict(3, 50, 5000)).toMatchObject({
    outcome: 'fail',
    summary: 'errors rose to 6 % (limit 1 %) at 5 % traffic: 3 failed of 50 requests in 5 s',
    value: '6 %',
    limit: '1 %',
  })
})

test('few errors of many pass when the time is over', () => {
  expect(verdict(12, 12_430, 60_000)).toMatchObject({
    outcome: 'pass',
    summary: '12 failed of 12,430 requests in 60 s',
    value: '0.1 %',
  })
})

test('too few requests are a warning, since they prove nothing', () => {
  expect(verdict(0, 23, 60_000)).toMatchObject({
    outcome: 'warn',
    summary: '0 failed of 23 requests in 60 s: fewer than 200 requests, too few to judge',
  })
})
