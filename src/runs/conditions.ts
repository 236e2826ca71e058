import type { StepRecord } from './run.js'
import type { Condition } from './step.js'
import { isEnded } from './step.js'

/** Whether a condition holds; a step that has not ended satisfies nothing. */
export function holds(condition: Condition, steps: readonly StepRecord[]): boolean {
  if ('all' in condition) return condition.all.every((part) => holds(part, steps))
  if ('any' in condition) return condition.any.some((part) => holds(part, steps))
  if ('not' in condition) return !holds(condition.not, steps)
  const record = steps.find((step) => step.key === condition.step)
  if (!record || !isEnded(record.state)) return false
  if ('answer' in condition) return record.output.answer === condition.answer
  const wanted = Array.isArray(condition.outcome) ? condition.outcome : [condition.outcome]
  return wanted.includes(record.state)
}
