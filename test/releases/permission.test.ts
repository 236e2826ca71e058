import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Grant, PermittedAct } from '../../src/releases/catalogue.js'
import type { Standing } from '../../src/releases/people.js'
import { believedFor, denied, holds, shownGrant } from '../../src/releases/permission.js'
import { minutes, noon, shopCatalogue } from '../support/shop.js'

const prod = shopCatalogue().environments.prod
if (!prod) throw new Error('the playground has no prod')

const standing = (id: string, groups: string[] = [], more: Partial<Standing> = {}): Standing => ({
  id,
  name: id,
  barred: null,
  groups,
  zone: null,
  asOf: noon,
  ...more,
})

const people: { [who: string]: Standing | null } = {
  'the requester': standing('U0RITA'),
  'a release manager': standing('U0MARCO', ['release-managers']),
  'an incident commander': standing('U0IVY', ['incident-commanders']),
  'any member': standing('U0ANY'),
  'a guest in a group': standing('U0GUS', ['release-managers'], { barred: 'a guest' }),
  'nobody known': null,
}

const matrix: [who: string, may: PermittedAct[]][] = [
  ['the requester', ['deploy', 'rollback', 'view']],
  ['a release manager', ['deploy', 'rollback', 'scale', 'lock', 'view']],
  ['an incident commander', ['rollback', 'scale', 'lock', 'view']],
  ['any member', ['view']],
  ['a guest in a group', []],
  ['nobody known', []],
]

const acts: PermittedAct[] = ['deploy', 'rollback', 'scale', 'lock', 'view']

test.each(matrix)('in prod %s may: %j', (who, may) => {
  expect(acts.filter((act) => denied(act, prod, people[who] ?? null, noon) === null)).toEqual(may)
})

test('a refusal says what, why with the rule, and the way forward', () => {
  expect(denied('scale', prod, standing('U0RITA'), noon)).toEqual({
    code: 'may-not',
    what: 'You may not scale prod.',
    why: "The operator's file gives this to @release-managers and @incident-commanders; you are in none of them.",
    next: 'Ask one of them, or ask the operator for the right.',
  })
})

test('a standing that is too old allows nothing', () => {
  const old = standing('U0MARCO', ['release-managers'])
  expect(denied('deploy', prod, old, new Date(noon.getTime() + believedFor))).toBeNull()
  expect(denied('deploy', prod, old, minutes(61))).toMatchObject({ code: 'standing-stale' })
})

const names = fc.constantFrom('a', 'b', 'c')
const grant: fc.Arbitrary<Grant> = fc.record({
  groups: fc.array(names),
  people: fc.array(names),
  everyone: fc.boolean(),
})
const anybody = fc.record({
  id: names,
  name: fc.constant('x'),
  barred: fc.constantFrom(null, 'a guest', 'a bot', 'deactivated'),
  groups: fc.array(names),
  zone: fc.constant(null),
  asOf: fc.integer({ min: -200, max: 0 }).map((count) => minutes(count)),
})

test('whatever the file says, only a full member whose standing is fresh and reached by a grant may act', () => {
  fc.assert(
    fc.property(grant, anybody, fc.constantFrom(...acts), (given, who, act) => {
      const environment = { ...prod, may: { ...prod.may, [act]: given } }
      const fresh = noon.getTime() - who.asOf.getTime() <= believedFor
      const allowed = denied(act, environment, who, noon) === null
      expect(allowed).toBe(who.barred === null && fresh && holds(given, who))
    }),
  )
})

test('taking a right away never lets more people in', () => {
  fc.assert(
    fc.property(grant, anybody, (given, who) => {
      const less = { ...given, groups: given.groups.slice(1), everyone: false }
      if (holds(less, who)) expect(holds(given, who)).toBe(true)
    }),
  )
})

test.each([
  [{ groups: [], people: [], everyone: false }, 'nobody'],
  [{ groups: ['a'], people: [], everyone: false }, '@a'],
  [{ groups: ['a', 'b'], people: ['U1'], everyone: false }, '@a, @b and 1 person by name'],
  [{ groups: [], people: ['U1', 'U2'], everyone: false }, '2 people by name'],
  [{ groups: ['a'], people: [], everyone: true }, 'everyone'],
])('a grant reads: %j', (given, words) => {
  expect(shownGrant(given)).toBe(words)
})
