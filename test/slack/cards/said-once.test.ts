import { expect, it } from 'vitest'
import { beyondTitle } from '../../../src/slack/cards/said-once.js'

it.each([
  ['Start v1.9.1 on alpha', 'v1.9.1 started on alpha', ''],
  ['50 % of traffic to v1.9.1', '50 % on v1.9.1', ''],
  ['Watch v1.9.1 at 50 %', '50 % on v1.9.1, 0 failed of 12,430', '0 failed of 12,430'],
  ['All traffic to v1.9.1', '100 % on v1.9.1', '100 % on v1.9.1'],
  ['2 × v1.9.1 healthy', '2 of 2 ready after 1.7 s', '2 of 2 ready after 1.7 s'],
  ['Start v1.9.1 on alpha', 'v1.9.10 started on alpha', 'v1.9.10 started on alpha'],
  ['verify', 'p95 212 ms, limit 300', 'p95 212 ms, limit 300'],
  ['', 'done', 'done'],
  ['done', '', ''],
])('beside the title "%s" the evidence "%s" leaves "%s"', (title, evidence, left) => {
  expect(beyondTitle(title, evidence)).toBe(left)
})
