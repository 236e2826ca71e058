import { expect, test } from 'vitest'
import { adviceAfter, helped } from '../../../src/incidents/guides/helped.js'
import type { GuideStepView } from '../../../src/incidents/guides/standing.js'
import type { StepRecord } from '../../../src/runs/run.js'

const record = (key: string, state: StepRecord['state'], summary: string) =>
  ({ key, state, evidence: { summary }, step: { verb: 'check' } }) as StepRecord
const view = (key: string, ...records: StepRecord[]) => ({ key, records, standing: 'done' }) as unknown as GuideStepView

const p95 = (state: StepRecord['state'], ms: number) => view('p95', record('p95', state, `p95 ${ms} ms`))
const locks = view('locks', record('locks', 'warned', 'pid 4711 blocks 23'))
const cancel = (...proofs: StepRecord[]) =>
  view('cancel', record('cancel', 'passed', ''), record('cancel:ended', 'passed', '#55 is done'), ...proofs)
const proof = (of: string, state: StepRecord['state'], summary: string) => record(`cancel:proof:${of}`, state, summary)

test('a change helped when what was found before it is not found after it', () => {
  const step = cancel(proof('locks', 'passed', 'nobody waits'), proof('p95', 'passed', 'p95 210 ms'))
  expect(helped([locks, p95('warned', 1900), step], step)).toEqual({
    verdict: 'it helped',
    before: { summary: 'p95 1900 ms' },
    after: { summary: 'p95 210 ms' },
  })
})

test('one that mends a part of it did not help: the worst figure is told', () => {
  const step = cancel(proof('locks', 'passed', 'nobody waits'), proof('p95', 'warned', 'p95 1850 ms'))
  expect(helped([locks, p95('warned', 1900), step], step)).toMatchObject({
    verdict: 'it did not help',
    after: { summary: 'p95 1850 ms' },
  })
})

test('nothing is claimed where all was well before, where nothing was looked at again, or what was skipped', () => {
  const well = cancel(proof('p95', 'passed', 'p95 200 ms'))
  expect(helped([p95('passed', 210), well], well)?.verdict).toBe('all was well before')
  const unproven = cancel()
  expect(helped([locks, unproven], unproven)).toBeNull()
  const skipped = cancel(proof('p95', 'skipped', 'not done'), proof('p95', 'pending', ''))
  expect(helped([p95('warned', 1900), skipped], skipped)).toBeNull()
})

test('a proof that could not be told is no sign that it did not help', () => {
  const blind = proof('p95', 'warned', 'Prometheus does not answer')
  const step = cancel({ ...blind, evidence: { summary: 'Prometheus does not answer', softened: 'errored' } })
  expect(helped([p95('warned', 1900), step], step)?.verdict).toBe('whether it helped cannot be told')
})

test('what follows from a change that did not help fits what it was', () => {
  expect(adviceAfter('rollback')).toMatch(/was not the cause/)
  expect(adviceAfter('scale')).toMatch(/Scale back/)
  expect(adviceAfter('operate')).toBe('Go on with the next step.')
})
