import type { StepState } from '../../runs/step.js'

/** The few signs people learn once; words stand beside each of them. */
export const signs = {
  done: '✓',
  running: '▸',
  people: '◷',
  warning: '⚠',
  failed: '✗',
  skipped: '–',
  undone: '↩',
  coming: '·',
} as const

/** Before the head of a card, so that many cards can be told apart at a glance; its words say the same. */
export const lights = {
  done: '🟢',
  working: '🔵',
  people: '🟡',
  undone: '🟠',
  failed: '🔴',
  still: '⚪',
} as const

/** Wider than a space, and not collapsed where messages become HTML. */
export const gap = '\u2003'

/** The sign of a step's state. */
export function signOf(state: StepState): string {
  switch (state) {
    case 'passed':
      return signs.done
    case 'warned':
      return signs.warning
    case 'running':
      return signs.running
    case 'waiting':
      return signs.people
    case 'pending':
      return signs.coming
    case 'undone':
      return signs.undone
    case 'skipped':
    case 'stopped':
      return signs.skipped
    case 'failed':
    case 'errored':
    case 'timed out':
      return signs.failed
  }
}
