import type { Evidence } from '../../runs/step.js'
import { isEnded } from '../../runs/step.js'
import type { GuideStepView } from './standing.js'

/**
 * Whether what a *do* changed helped. `before` and `after` are what the check that says so found, first and last; where
 * several do, the one that is worst now.
 */
export type Helped = {
  verdict: 'it helped' | 'it did not help' | 'all was well before' | 'whether it helped cannot be told'
  before: Evidence
  after: Evidence
}

/** By the checks that are a step's proof, each against the same check before the step; null while none was made again. */
export function helped(steps: readonly GuideStepView[], step: GuideStepView): Helped | null {
  const pairs = step.records.flatMap((after) => {
    const of = /:proof:(.+)$/.exec(after.key)?.[1]
    const before = of ? steps.find(({ key }) => key === of)?.records[0] : undefined
    if (!before?.evidence || !after.evidence || !isEnded(after.state) || after.state === 'skipped') return []
    const [was, is] = [before.state === 'passed', after.state === 'passed']
    return [{ was, is, before: before.evidence, after: after.evidence }]
  })
  const isUntold = ({ softened }: Evidence) => softened === 'errored' || softened === 'timed out'
  const bad = pairs.find(({ is, after }) => !is && !isUntold(after))
  const untold = pairs.find(({ after }) => isUntold(after))
  const mended = pairs.findLast(({ was, is }) => is && !was)
  const told = bad ?? untold ?? mended ?? pairs.at(-1)
  if (!told) return null
  const { before, after } = told
  if (!bad && untold) return { verdict: 'whether it helped cannot be told', before, after }
  const verdict = bad ? 'it did not help' : mended ? 'it helped' : 'all was well before'
  return { verdict, before, after }
}

/** What follows from a change that helped nothing: whether to take it back. */
export function adviceAfter(job: string): string {
  if (job === 'rollback') return 'So that release was not the cause: deploy it again when this is over.'
  if (job === 'deploy') return 'Roll it back, unless it is wanted for itself.'
  if (job === 'scale') return 'Scale back, so that nothing else suffers from it.'
  return 'Go on with the next step.'
}
