import { z } from 'zod'
import { asShipmateError, refused } from '../errors.js'
import { digestOf, type Json } from '../json.js'
import type { PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { DoStep } from '../runs/step.js'
import type { Facts } from './facts.js'
import { approval, tell } from './gates.js'
import type { Job } from './jobs.js'
import { placeOf } from './place.js'

const input = z.strictObject({
  action: z.string().min(1).max(80),
  with: z.record(z.string(), z.unknown()),
  /** What a person reads: "cancel the query of pid 4711". */
  title: z.string().min(1).max(200),
})

/** One action that repairs something, out of a guide: with a right, approvals, a lock and a trail of its own. */
export const operate: Job = {
  name: 'operate',
  input,
  act: 'operate',
  priority: 1,
  // One at a time for a place, and beside its deploys: a repair never waits for what it repairs.
  resources: ({ service, environment }) => [`${service}/${environment}/repairs`],
  plan: planOperate,
}

const mostTime = 5 * 60_000

export async function planOperate(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { service, environment } = intent
  const { action, with: given, title } = input.parse(intent.input)
  const place = placeOf(intent, facts)
  const act = allowed(action, { service, environment, ...given }, facts)
  const step: DoStep = { key: 'act', title, verb: 'do', ...act, timeout: mostTime, onFailure: 'stop' }
  return {
    headline: {
      job: 'operate',
      service,
      environment,
      from: null,
      to: null,
      changes: [],
      migrations: [],
      risk: 'medium',
      notes: [title, `${act.action} ${shown(given)}`.trim()],
      undo: 'nothing: it is one act',
    },
    pinned: {
      ...{ service, environment, action, with: act.with as Json },
      configuration: digestOf(place.environment.approvals.operate).slice(0, 16),
    },
    steps: [
      ...approval(place, 'operate', `${capital(title)}?`),
      step,
      tell('note', 'tell the thread', { kind: 'thread' }, `Done: ${title}.`),
    ],
    observe: place.environment.mode === 'observe',
    result: null,
  }
}

/** The action with its input as the action itself understands it; refused when there is none or it would not take it. */
function allowed(
  name: string,
  given: { [field: string]: unknown },
  { abilities }: Facts,
): Pick<DoStep, 'action' | 'with'> {
  const action = abilities.action(name)
  if (!action)
    throw refused('action-unknown', `There is no action ${name.slice(0, 40)}.`, {
      next: 'Correct the guide; docs/operations/guides.md says how a step names what it does.',
    })
  const parsed = action.input.safeParse(given)
  if (parsed.success) return { action: name, with: given }
  const issue = parsed.error.issues[0]
  throw refused('input-invalid', `This is no input for ${name}.`, {
    wanted: issue ? `${issue.path.join('.') || 'input'}: ${issue.message}` : 'another input',
    came: shown(given).slice(0, 80),
    next: asShipmateError(parsed.error).next ?? 'Correct the guide, or look at what the step before it found.',
  })
}

const shown = (given: { [field: string]: unknown }): string =>
  Object.entries(given)
    .filter(([name]) => name !== 'service' && name !== 'environment')
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
