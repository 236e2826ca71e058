import type { NewStep } from './ports.js'
import type { StepRecord } from './run.js'

/** A `do` that began may have changed the world, however it ended. */
const mayHaveActed = (record: StepRecord): boolean =>
  record.step.verb === 'do' &&
  record.undoes === null &&
  record.attempt > 0 &&
  record.state !== 'skipped' &&
  record.state !== 'undone'

/**
 * The undos of what was done, backwards: each a step of its own, each after the one before it. A `do` without an undo
 * is left as it is; the card names it as left over.
 */
export function undoSteps(steps: readonly StepRecord[]): NewStep[] {
  const acted = steps.filter(mayHaveActed).sort((a, b) => b.position - a.position)
  let before: string | null = null
  return acted.flatMap((record) => {
    if (record.step.verb !== 'do' || !record.step.undo || steps.some((step) => step.undoes === record.key)) return []
    const { title, action, with: input, timeout } = record.step.undo
    const key = `undo-${record.key}`
    const needs: string[] = before === null ? [] : [before]
    before = key
    return [
      {
        step: { key, title, verb: 'do', action, with: input, timeout, needs, onFailure: 'stop', retries: 3 },
        undoes: record.key,
      } satisfies NewStep,
    ]
  })
}

/** Steps that changed the world and were not undone; for the card of a run that failed. */
export function leftOver(steps: readonly StepRecord[]): StepRecord[] {
  return steps.filter(
    (record) => mayHaveActed(record) && !steps.some((undo) => undo.undoes === record.key && undo.state === 'passed'),
  )
}
