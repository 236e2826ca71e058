import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Suspect } from '../../../src/incidents/incident.js'
import { followUpsToOpen } from '../../../src/incidents/review/follow-ups.js'
import { inline } from '../../../src/incidents/review/markdown.js'
import { recoveryRecordOf } from '../../../src/incidents/review/recovery.js'
import { type ReviewScene, reviewOf } from '../../../src/incidents/review/review.js'
import { settleSuspect, verdictsOf } from '../../../src/incidents/review/suspects.js'
import type { TimelineEntry } from '../../../src/incidents/timeline.js'
import type { RunRecord, RunView, StepRecord } from '../../../src/runs/run.js'
import { changeOf, marco, minute, rita, viewWith } from '../scene.js'

const run = (id: number, job: string, more: Partial<RunRecord> = {}): RunRecord => ({
  ...{
    id,
    team: 'T1',
    state: 'done',
    epoch: 1,
    resources: [],
    priority: 0,
    requestedBy: rita,
    via: 'slack',
    parent: null,
  },
  ...{ plan: null, planRound: 1, planChanges: [], reason: null, ahead: 0, stopRequested: null, wakeAt: null },
  ...{
    holdsLocks: false,
    lockedBy: null,
    createdAt: minute(5),
    plannedAt: null,
    startedAt: minute(6),
    endedAt: minute(8),
  },
  intent: {
    job,
    service: 'storefront',
    environment: 'prod',
    input: job === 'guide' ? { guide: 'slow-application' } : {},
  },
  ...more,
})
const check = (key: string, position: number, state: StepRecord['state'], summary: string): StepRecord => ({
  ...{
    run: 490,
    key,
    position,
    state,
    round: 1,
    attempt: 1,
    output: {},
    progress: null,
    deadline: null,
    wakeAt: null,
    taken: null,
  },
  step: {
    verb: 'check',
    key,
    title: `Latency (${key})`,
    check: 'metrics.latency',
    with: { service: 'storefront' },
    timeout: 1,
    onFailure: 'warn',
  },
  ...{ evidence: { summary, limit: 300 }, startedAt: minute(position), endedAt: minute(position + 1), undoes: null },
})
const suspect: Suspect = {
  ...{ key: 'run:482', kind: 'deploy', text: 'deploy #482 storefront v1.8.0', evidence: ['4 min before'], score: 0.9 },
  ...{ at: minute(-4), run: 482 },
}
const line = (
  position: number,
  kind: TimelineEntry['kind'],
  text: string,
  more: Partial<TimelineEntry> = {},
): TimelineEntry => ({
  ...{ incident: 31, position, key: `k${position}`, kind, at: minute(position), by: rita, text, data: {}, ...more },
})
const rollback: RunView = { run: run(489, 'rollback', { parent: 482 }), steps: [], answers: [] }
const guide: RunView = {
  run: run(490, 'guide'),
  steps: [check('before', 2, 'failed', 'p95 1.9 s'), check('proof', 7, 'passed', 'p95 212 ms')],
  answers: [
    {
      run: 490,
      step: 'cancel',
      round: 1,
      person: marco,
      answer: 'skip',
      reason: 'not needed',
      digest: '',
      at: minute(4),
    },
  ],
}

const scene = (more: Partial<ReviewScene> = {}): ReviewScene => ({
  view: viewWith(
    {
      ...{ state: 'resolved', acknowledgedAt: minute(3), resolvedAt: minute(42) },
      impact: {
        text: '38 % of requests are slow',
        requests: 0.38,
        users: null,
        since: minute(-5),
        evidence: ['p95 1.9 s'],
      },
      roles: [{ role: 'commander', person: marco, since: minute(3) }],
    },
    {
      suspects: [suspect],
      runs: [
        { run: 482, part: 'suspect' },
        { run: 489, part: 'recovery' },
        { run: 490, part: 'guide' },
      ],
      tasks: [
        {
          id: 1,
          kind: 'follow-up',
          text: 'Raise the pool',
          owner: rita,
          createdAt: minute(9),
          doneAt: null,
          link: 'https://github.com/acme/shop/issues/9',
          fix: null,
        },
      ],
    },
  ),
  timeline: [
    line(1, 'declared', 'Checkout is slow'),
    line(3, 'role', 'Marco is commander.'),
    line(6, 'decision', 'We roll back.'),
  ],
  runs: [rollback, guide],
  ...{ alerts: [], zone: 'Europe/Rome', now: minute(60), ...more },
})

test('the review holds what happened, in the operator’s zone, with roles, times, decisions and follow-ups', () => {
  const text = reviewOf(scene())
  for (const part of [
    '# INC-31: Checkout is slow',
    '| Time to acknowledge | 3 min |',
    '| Time to resolve | 42 min |',
    '| Time to notice | 5 min |',
    // Rome is an hour ahead of UTC in November.
    '| 2026-11-23 15:03:00 | role | Rita | Marco is commander. |',
    'Requests: 38 % · people: not known',
    '**It was the cause** (\\#489 rolled it back, and it was over): deploy \\#482 storefront v1.8.0',
    'commander: Marco since 2026-11-23 15:03:00',
    'Rita: We roll back.',
    '**It helped.** Before: p95 1.9 s · after: p95 212 ms',
    'Marco answered skip to cancel: not needed',
    '[ ] Raise the pool (Rita) [issue](<https://github.com/acme/shop/issues/9>)',
  ])
    expect(text).toContain(part)
})

test('a review of an open incident with nothing known reads well too', () => {
  const text = reviewOf(scene({ view: viewWith(), timeline: [], runs: [] }))
  expect(text).toContain('*It is still open: this is what is known so far.*')
  expect(text).not.toMatch(/undefined|null|NaN/)
})

test('text from outside stays text: it makes no heading, link, table cell, mention or HTML', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      const shown = inline(text)
      expect(shown).not.toContain('\n')
      expect(shown.replace(/\\[\\`*_{}[\]<>#|~!]/g, '')).not.toMatch(/[`*_{}[\]<>#|~!]/)
      expect(shown).not.toMatch(/@(?!\u200b)/)
    }),
  )
  const rude = '</td>| x | <script> @channel\n# Big [a](javascript:alert(1)) https://evil.example ![i](x)'
  const text = reviewOf(scene({ timeline: [line(1, 'note', rude)] }))
  expect(text.split('\n').filter((one) => one.startsWith('# '))).toHaveLength(1)
  expect(text).not.toMatch(/(?<!\\)<script|@channel|https:\/\/evil/)
})

test('a person’s last word on a suspect counts more than a rollback', () => {
  const { view, runs } = scene()
  const change = changeOf(settleSuspect({ view, by: marco, now: minute(50) }, 'run:482', 'cleared'))
  const entries = (change.timeline ?? []).map(
    (entry, at): TimelineEntry => ({ ...line(at + 9, 'decision', ''), ...entry, data: entry.data ?? {} }),
  )
  expect(verdictsOf(view, entries, runs).get('run:482')).toEqual({ verdict: 'cleared', why: 'Marco said so' })
  expect(settleSuspect({ view, by: marco, now: minute(50) }, 'run:1', 'cleared')).toMatchObject({
    kind: 'denied',
    denial: { code: 'suspect-unknown' },
  })
})

test('the recovery record says what was done, by whom, for how long and with what evidence', () => {
  const { view, runs, zone } = scene()
  const text = recoveryRecordOf({ view, runs, zone })
  expect(text).toContain('### #490 guide slow-application · storefront in prod')
  expect(text).toContain('15:07:00 **passed** check: Latency (proof) (1 min): p95 212 ms (limit 300)')
})

test('follow-ups of an open or private incident are opened nowhere', () => {
  const { tasks } = scene().view
  const open = { ...tasks[0], link: null } as (typeof tasks)[number]
  expect(followUpsToOpen(viewWith({ state: 'resolved' }, { tasks: [open] }))).toHaveLength(1)
  expect(followUpsToOpen(viewWith({ state: 'resolved', private: true }, { tasks: [open] }))).toEqual([])
  expect(followUpsToOpen(viewWith({}, { tasks: [open] }))).toEqual([])
})
