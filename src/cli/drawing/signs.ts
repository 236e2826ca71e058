import type { CheckOutcome } from '../../runs/abilities.js'
import type { StepState } from '../../runs/step.js'

const ofState: { [state in StepState]: string } = {
  pending: '·',
  running: '▸',
  waiting: '◷',
  passed: '✓',
  warned: '⚠',
  failed: '✗',
  errored: '✗',
  'timed out': '✗',
  skipped: '–',
  stopped: '–',
  undone: '↩',
}

const ofOutcome: { [outcome in CheckOutcome]: string } = {
  pass: '✓',
  warn: '⚠',
  fail: '✗',
  skip: '–',
  error: '✗',
}

/** The sign of a step; words stand beside it. */
export const signOfStep = (state: StepState): string => ofState[state]
export const signOfOutcome = (outcome: CheckOutcome): string => ofOutcome[outcome]
