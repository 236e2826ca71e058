import { faulted } from '../errors.js'
import type { StepRecord } from './run.js'
import type { StepInput } from './step.js'

type Reference = { from: string; field: string }

/** The input with every `{ from, field }` replaced by that earlier step's output. */
export function resolvedInput(input: StepInput, steps: readonly StepRecord[]): StepInput {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, resolved(value, steps)]))
}

function resolved(value: unknown, steps: readonly StepRecord[]): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, steps))
  if (value === null || typeof value !== 'object') return value
  if (isReference(value)) return outputOf(value, steps)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, steps)]))
}

function outputOf({ from, field }: Reference, steps: readonly StepRecord[]): unknown {
  const source = steps.find((step) => step.key === from)
  const output = source?.output[field]
  if (output !== undefined) return output
  throw faulted('output-missing', `The step needs "${field}" of step "${from}", which left none.`, {
    wanted: `an output "${field}" of step "${from}"`,
    came: source ? `outputs ${Object.keys(source.output).join(', ') || 'none'}` : 'no such step',
    next: 'Report this: the plan names an output that its step does not give.',
  })
}

function isReference(value: object): value is Reference {
  const keys = Object.keys(value)
  return (
    keys.length === 2 &&
    'from' in value &&
    'field' in value &&
    typeof value.from === 'string' &&
    typeof value.field === 'string'
  )
}
