import type { z } from 'zod'
import type { ApprovedAct } from '../releases/catalogue.js'
import type { PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { Facts } from './facts.js'

/** What Shipmate can be asked to do. */
export type Job = {
  /** What `Intent.job` says. */
  name: string
  /** The shape of `Intent.input`. */
  input: z.ZodType
  /** The right a person needs, and the policy that says who approves. */
  act: ApprovedAct
  /** Higher goes first in the line. */
  priority: number
  /** What the run locks, sorted. */
  resources(intent: Intent): string[]
  /** Reads facts, changes nothing; throws ShipmateError (kind refused) with a way forward when there is nothing to plan. */
  plan(intent: Intent, facts: Facts): Promise<PlanDraft>
}

export const jobs: Job[] = []

/** The job by name; throws ShipmateError `job-unknown`. */
export function jobOf(_name: string): Job {
  throw new Error('not written yet')
}

/** The plan of an intent, after its input passed the job's schema. */
export async function planIntent(_intent: Intent, _facts: Facts): Promise<PlanDraft> {
  throw new Error('not written yet')
}
