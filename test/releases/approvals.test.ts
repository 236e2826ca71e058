import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Answering, answerDenied, type Demand, standingOfQuorum } from '../../src/releases/approvals.js'
import type { Standing } from '../../src/releases/people.js'
import { minutes, noon } from '../support/shop.js'

const demand: Demand = {
  groups: ['release-managers'],
  people: [],
  requester: 'excluded',
  quorum: 2,
  environment: 'prod',
  job: 'deploy',
  requestedBy: 'U0RITA',
}
const standing = (id: string, groups: string[] = [], barred: string | null = null): Standing => {
  return { id, name: id, barred, groups, zone: null, asOf: noon }
}
const manager = standing('U0MARCO', ['release-managers'])
const rita = standing('U0RITA', ['release-managers'])
const outsider = standing('U0ANY')

const matrix: [Demand['requester'], Standing, Answering, string | null][] = [
  ['excluded', manager, 'approve', null],
  ['excluded', manager, 'reject', null],
  ['excluded', rita, 'approve', 'own-approval'],
  ['excluded', rita, 'confirm', 'own-approval'],
  ['excluded', rita, 'reject', 'own-rejection'],
  ['excluded', outsider, 'approve', 'not-an-approver'],
  ['counts', rita, 'approve', null],
  ['counts', standing('U0RITA'), 'approve', 'not-an-approver'],
  ['self with confirmation', rita, 'approve', 'confirmation-needed'],
  ['self with confirmation', rita, 'confirm', null],
  ['self with confirmation', rita, 'reject', null],
  ['self with confirmation', manager, 'approve', null],
  ['self with confirmation', standing('U0RITA'), 'confirm', 'not-an-approver'],
]

test.each(matrix)(
  'where the requester is "%s", %o answering "%s" is denied with %s',
  (requester, who, answering, code) => {
    expect(answerDenied(answering, { ...demand, requester }, who, [], noon)?.code ?? null).toBe(code)
  },
)

test("the requester's own approval is refused in these words", () => {
  expect(answerDenied('approve', demand, rita, ['Marco', 'Mina'], noon)).toEqual({
    code: 'own-approval',
    what: 'You asked for this deploy, so your approval does not count (prod needs 2 of @release-managers).',
    why: 'In prod the person who asks never approves.',
    next: 'Ask one of: Marco, Mina.',
  })
})

test('many names are cut, and none is said plainly', () => {
  const many = ['A', 'B', 'C', 'D', 'E', 'F', 'G']
  expect(answerDenied('approve', demand, rita, many, noon)?.next).toBe('Ask one of: A, B, C, D, E and 2 more.')
  expect(answerDenied('approve', demand, rita, [], noon)?.next).toContain('Ask the operator')
})

test('guests, the unknown and those with an old standing never count', () => {
  expect(answerDenied('approve', demand, standing('U0GUS', ['release-managers'], 'a guest'), [], noon)?.code).toBe(
    'barred',
  )
  expect(answerDenied('approve', demand, null, [], noon)?.code).toBe('standing-unknown')
  expect(answerDenied('approve', demand, manager, [], minutes(61))?.code).toBe('standing-stale')
})

const ids = fc.constantFrom('U0RITA', 'U1', 'U2')
const anybody = fc.record({
  id: ids,
  name: ids,
  barred: fc.constantFrom(null, null, 'a guest'),
  groups: fc.subarray(['release-managers', 'engineers']),
  zone: fc.constant(null),
  asOf: fc.constant(noon),
})

test('no answer ever counts of somebody who is barred, unlisted, or excluded as the requester', () => {
  const answering = fc.constantFrom<Answering>('approve', 'confirm', 'reject', 'choose')
  const requester = fc.constantFrom<Demand['requester']>('excluded', 'counts', 'self with confirmation')
  fc.assert(
    fc.property(anybody, answering, requester, fc.subarray(['U0RITA', 'U1', 'U2']), (who, how, rule, people) => {
      const asked = { ...demand, requester: rule, people }
      if (answerDenied(how, asked, who, [], noon) !== null) return
      expect(who.barred).toBeNull()
      expect(people.includes(who.id) || who.groups.includes('release-managers')).toBe(true)
      if (rule === 'excluded') expect(who.id).not.toBe('U0RITA')
    }),
  )
})

test.each([
  [0, 1, null, '0 of 1 approval; waiting for 1 more.'],
  [1, 2, minutes(12), '1 of 2 approvals; waiting for 1 more, 12 min left.'],
  [2, 2, minutes(12), '2 of 2 approvals: that is enough.'],
  [1, 2, noon, '1 of 2 approvals, and the time to approve is over.'],
])('%i of %i, until %s reads: %s', (given, quorum, deadline, words) => {
  expect(standingOfQuorum(given, quorum, deadline, noon)).toBe(words)
})
