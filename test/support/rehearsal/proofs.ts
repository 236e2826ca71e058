import { expect } from 'vitest'
import { helped } from '../../../src/incidents/guides/helped.js'
import { guideSteps } from '../../../src/incidents/guides/standing.js'
import type { Followed } from './following.js'

/** Checks found it, with the words that name it. */
export function expectFound({ step }: Followed, finds: { [check: string]: RegExp }): void {
  for (const [key, words] of Object.entries(finds)) {
    expect(step(key).state, key).toBe('warned')
    expect(step(key).evidence?.summary).toMatch(words)
  }
}

/** What was done ended well, and the looks that prove it passed. */
export function expectRepaired({ view, step, children }: Followed, repair: string) {
  expect(step(`${repair}:ended`).state, `${repair}: ${step(`${repair}:ended`).evidence?.summary}`).toBe('passed')
  const proofs = view.steps.filter(({ key }) => key.startsWith(`${repair}:proof:`))
  expect(proofs.length).toBeGreaterThan(0)
  for (const { key, state, evidence } of proofs)
    expect(['passed', 'skipped'], `${key}: ${evidence?.summary}`).toContain(state)
  expect(proofs.some(({ state }) => state === 'passed')).toBe(true)
  const steps = guideSteps(view)
  const repaired = steps.find(({ key }) => key === repair)
  expect(repaired && helped(steps, repaired)?.verdict, repair).toBe('it helped')
  const child = children.find(({ run }) => run.id === step(repair).output.run)
  expect(child?.run.state).toBe('done')
  expect(child?.run.intent.job).toBe('operate')
}

/** What nobody set up or did is skipped with its reason, never done. */
export function expectHonest({ view, given }: Followed) {
  for (const { key, state, step, evidence } of view.steps) {
    if (/^not set up/.test(evidence?.summary ?? '')) expect(state, key).toBe('skipped')
    if (state === 'skipped') expect(evidence?.summary, key).toBeTruthy()
    if (step.verb === 'ask' && state === 'passed') expect(given.has(key), key).toBe(true)
    expect(['passed', 'warned', 'skipped'], key).toContain(state)
  }
}
