import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  acknowledge,
  callNow,
  type Page,
  type PagingRecord,
  type PagingScene,
  pagingDue,
} from '../../../src/incidents/paging/paging.js'
import { onCall } from '../../../src/releases/sections/on-call.js'
import { changeOf, declaredAt, marco, minute, rita, viewWith } from '../scene.js'

const usual = onCall.parse({ rotas: {} }).escalation.SEV2
const people = { people: ['U0A', 'U0B'], until: null, source: 'web', group: 'responders' }
const scene: PagingScene = { rules: { page: true }, policy: usual, onCall: people }
const none: PagingRecord = { pages: [], calls: [], acknowledgedAt: null }

/** Looks every `every` minutes as the keeper would, and remembers what was sent. */
function played(minutes: number, every: number, more: Partial<PagingRecord> = {}, where = scene) {
  const pages: Page[] = []
  for (let now = 0; now <= minutes; now += every) {
    const { send } = pagingDue(viewWith(), { ...none, ...more, pages }, where, minute(now))
    if (send) pages.push(send)
  }
  return pages
}
const said = ({ target, at }: Page) => [
  (at.getTime() - declaredAt.getTime()) / 60_000,
  target.kind === 'nobody' ? '' : target.id,
]

test('the first on call is called at once, then the group, then the next, and it begins anew', () => {
  expect(played(30, 1).map(said)).toEqual([
    [0, 'U0A'],
    [5, 'responders'],
    [10, 'U0B'],
    [20, 'U0A'],
    [25, 'responders'],
    [30, 'U0B'],
  ])
})

test('after a long pause one page is sent, not all that were missed', () => {
  const [first] = played(0, 1)
  const late = pagingDue(viewWith(), { ...none, pages: first ? [first] : [] }, scene, minute(600))
  expect(late.send?.target).toEqual({ kind: 'group', id: 'responders' })
  expect(late.again).toEqual(minute(605))
})

test.each([
  ['a role was taken', { roles: [{ role: 'commander', person: rita, since: minute(2) }] }, none],
  ['it was acknowledged', { acknowledgedAt: minute(2) }, none],
  ['somebody said so in words', {}, { ...none, acknowledgedAt: minute(2) }],
  ['it is over', { state: 'resolved' as const }, none],
])('nobody is called once %s', (_what, incident, record) => {
  expect(pagingDue(viewWith(incident), record, scene, minute(60))).toEqual({ send: null, again: null })
})

test('a severity that pages nobody pages nobody, but a person may call', () => {
  const quiet = { ...scene, rules: { page: false } }
  expect(pagingDue(viewWith(), none, quiet, minute(1)).send).toBeNull()
  const called = { ...none, calls: [{ at: minute(3), whom: 'U0M' }] }
  expect(pagingDue(viewWith(), called, quiet, minute(3)).send?.target).toEqual({ kind: 'person', id: 'U0M' })
})

test('a call by a person begins anew after an acknowledgement, with whom was named, then goes on as usual', () => {
  const record = { ...none, acknowledgedAt: minute(2), calls: [{ at: minute(4), whom: 'U0M' }] }
  expect(played(20, 1, record).map(said)).toEqual([
    [4, 'U0M'],
    [9, 'U0A'],
    [14, 'responders'],
    [19, 'U0B'],
  ])
})

test('nobody on call: the group is called at once; no group either: the channel is told, and again each round', () => {
  expect(played(4, 1, {}, { ...scene, onCall: { ...people, people: [] } }).map(said)[0]).toEqual([0, 'responders'])
  const alone = played(20, 1, {}, { ...scene, onCall: null })
  expect(alone.map(said)).toEqual([
    [0, ''],
    [10, ''],
    [20, ''],
  ])
})

test('however often and whenever one looks, no page is sent twice, none is forgotten, and pages keep their distance', () => {
  const step = fc.record({
    to: fc.constantFrom('on call' as const, 'group' as const, 'next' as const),
    after: fc.integer({ min: 0, max: 10 }).map((minutes) => minutes * 60_000),
  })
  const policies = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    again: fc.integer({ min: 1, max: 20 }).map((minutes) => minutes * 60_000),
  })
  const staff = fc.record({
    people: fc.uniqueArray(fc.constantFrom('U0A', 'U0B', 'U0C')),
    group: fc.constantFrom('responders', null),
  })
  fc.assert(
    fc.property(
      policies,
      staff,
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 5, maxLength: 60 }),
      (policy, who, pauses) => {
        const where = { ...scene, policy, onCall: { ...people, ...who } }
        const pages: Page[] = []
        let [now, promised] = [declaredAt, null as Date | null]
        for (const seconds of pauses) {
          now = new Date(now.getTime() + seconds * 1000)
          const due = pagingDue(viewWith(), { ...none, pages }, where, now)
          // What was promised for a moment is sent when one looks after it, and not before.
          if (promised) expect(due.send !== null).toBe(now >= promised)
          // An open incident that nobody answered is always looked at again.
          expect(due.again).not.toBeNull()
          if (due.send) pages.push(due.send)
          promised = due.again
        }
        expect(pages.map(({ turn }) => turn)).toEqual(pages.map((_, index) => index + 1))
      },
    ),
    { numRuns: 300 },
  )
})

test('an acknowledgement is one change with its line, and the first one counts for the measures', () => {
  const change = changeOf(acknowledge({ view: viewWith(), by: marco, now: minute(3) }))
  expect(change).toMatchObject({
    set: { acknowledgedAt: minute(3) },
    timeline: [{ key: 'acknowledged:3', kind: 'page' }],
  })
  const again = changeOf(acknowledge({ view: viewWith({ acknowledgedAt: minute(1) }), by: marco, now: minute(3) }))
  expect(again.set).not.toHaveProperty('acknowledgedAt')
  expect(acknowledge({ view: viewWith({ state: 'resolved' }), by: marco, now: minute(3) }).kind).toBe('so already')
})

test('an incident that is over calls nobody', () => {
  expect(callNow({ view: viewWith({ state: 'resolved' }), by: rita, now: minute(3) }, marco)).toMatchObject({
    kind: 'denied',
    denial: { code: 'call-over' },
  })
})

test('what a private incident is about stands in no page', () => {
  const { send } = pagingDue(viewWith({ private: true }), none, scene, minute(0))
  expect(JSON.stringify(send)).not.toContain('Checkout')
})
