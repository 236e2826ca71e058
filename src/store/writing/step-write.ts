import type { RunChange, StepChange } from '../../runs/ports.js'
import { auditText, toJson } from '../rows.js'
import type { Chain } from './chain.js'

/** The statement for the change that a carried run writes most; prepared once on each connection. */
export const stepStatement = {
  name: 'write-chained',
  text: `select shipmate.write_chained($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
    $19) as written`,
}

type Ended = Required<Pick<StepChange, 'key' | 'state' | 'evidence' | 'output' | 'endedAt'>>
type Begun = Required<Pick<StepChange, 'key' | 'state' | 'attempt' | 'startedAt' | 'deadline'>>

/**
 * The end of one step and the beginning of the next as values for `stepStatement`, after run, epoch, moment and whether
 * it is told; null for a change that says anything else.
 */
export function stepValues(change: RunChange, at: Date, chain: Chain): unknown[] | null {
  const { steps = [], audit = [], ...rest } = change
  if (steps.length === 0 || steps.length > 2 || Object.keys(rest).length > 0) return null
  const [first, second] = audit
  if (!first || audit.length > 2) return null
  const ended = steps.find(isEnded)
  const begun = steps.find(isBegun)
  if (steps.some((step) => step !== ended && step !== begun)) return null
  return [
    ...chain.links(auditText(first, at), second && auditText(second, at)),
    ended?.key,
    ended?.state,
    ended && toJson(ended.evidence),
    ended && toJson(ended.output),
    ended?.endedAt?.toISOString(),
    begun?.key,
    begun?.attempt,
    begun?.startedAt?.toISOString(),
    begun?.deadline?.toISOString(),
  ]
}

const endedNames = ['key', 'state', 'evidence', 'output', 'endedAt'] as const
const begunNames = ['key', 'state', 'attempt', 'startedAt', 'deadline'] as const

const isEnded = (change: StepChange): change is Ended => hasJust(change, endedNames) && Boolean(change.evidence)

const isBegun = (change: StepChange): change is Begun => change.state === 'running' && hasJust(change, begunNames)

function hasJust(change: StepChange, names: readonly (keyof StepChange)[]): boolean {
  return Object.keys(change).length === names.length && names.every((name) => change[name] !== undefined)
}
