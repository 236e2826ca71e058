import type { z } from 'zod'
import { refused } from '../errors.js'
import type { PermittedAct } from '../releases/catalogue.js'
import type { PlanDraft } from '../runs/plan.js'
import { type Intent, isOfDrill } from '../runs/run.js'
import { backup } from './backups/backup.js'
import { drill } from './backups/drill.js'
import { restore } from './backups/restoring/restore.js'
import { tables } from './backups/restoring/tables.js'
import { takeBack } from './backups/restoring/take-back.js'
import { verify } from './backups/verify.js'
import { breakGlass } from './break-glass.js'
import { deploy } from './deploy.js'
import { asDrill } from './drill.js'
import type { Facts } from './facts.js'
import { guide } from './guide.js'
import { operate } from './operate.js'
import { rollback } from './rollback.js'
import { scale } from './scale.js'

/** What Shipmate can be asked to do. */
export type Job = {
  /** What `Intent.job` says. */
  name: string
  /** The shape of `Intent.input`. */
  input: z.ZodType
  /** The right a person needs. */
  act: PermittedAct
  /** Higher goes first in the line. */
  priority: number
  /** It leaves what serves alone, so a place that people locked by hand keeps nobody from it. */
  besideLocks?: true
  /** What the run locks, sorted. */
  resources(intent: Intent): string[]
  /** Reads facts, changes nothing; throws ShipmateError (kind refused) with a way forward when there is nothing to plan. */
  plan(intent: Intent, facts: Facts): Promise<PlanDraft>
}

export const jobs: Job[] = [
  deploy,
  rollback,
  scale,
  operate,
  guide,
  backup,
  verify,
  drill,
  restore,
  takeBack,
  tables,
  breakGlass,
]

/** The job by name; throws ShipmateError `job-unknown`. */
export function jobOf(name: string): Job {
  const job = jobs.find((one) => one.name === name)
  if (job) return job
  throw refused('job-unknown', 'There is no such job.', {
    wanted: jobs.map((one) => one.name).join(', '),
    came: name.slice(0, 40),
    next: 'Type /ops help to see what can be said.',
  })
}

/** The plan of an intent, after its input passed the job's schema. */
export async function planIntent(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const job = checked(intent)
  const draft = await job.plan(intent, facts)
  return isOfDrill({ intent }) && job !== guide ? asDrill(draft, intent) : draft
}

/** The intent's job, once its input has the shape that job needs. */
export function checked(intent: Intent): Job {
  const job = jobOf(intent.job)
  const parsed = job.input.safeParse(intent.input)
  if (parsed.success) return job
  const issue = parsed.error.issues[0]
  throw refused('input-invalid', `This is no input for ${job.name}.`, {
    wanted: issue ? `${issue.path.join('.') || 'input'}: ${issue.message}` : 'another input',
    came: JSON.stringify(intent.input).slice(0, 80),
    next: 'Type /ops help to see how it is said.',
  })
}
