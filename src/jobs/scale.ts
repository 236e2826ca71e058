import { z } from 'zod'
import { refused } from '../errors.js'
import { resourceOf } from '../releases/catalogue.js'
import type { PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { Facts } from './facts.js'
import { aftermath, approval, inOrder, serving, tell, unlocked } from './gates.js'
import type { Job } from './jobs.js'
import { instancesServing, type Scene, sceneOf, sliceOf } from './place.js'
import { riskOfScale } from './risk.js'

const input = z.strictObject({ instances: z.number().int().min(1).max(1000) })

/** Runs more or fewer instances of the version that serves. */
export const scale: Job = {
  name: 'scale',
  input,
  act: 'scale',
  priority: 0,
  resources: ({ service, environment }) => [resourceOf(service, environment)],
  plan: planScale,
}

export async function planScale(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { service, environment } = intent
  const scene = await sceneOf(intent, facts)
  const { instances } = input.parse(intent.input)
  const { version, from } = servingNow(scene)
  bounded(scene, from, instances)
  const change = { kind: 'scale', place: scene.placement, instances, version } as const
  return {
    headline: {
      job: 'scale',
      service,
      environment,
      from: version,
      to: version,
      changes: [],
      migrations: [],
      risk: riskOfScale(from, instances),
      notes: [`${from} → ${instances} instances`, `at most ${scene.placement.maxInstances} by the operator's file`],
      undo: `back to ${from}`,
    },
    pinned: { service, environment, version, instances, from, ...sliceOf(scene, 'scale', facts) },
    steps: inOrder(
      [unlocked(intent), serving(scene)],
      approval(scene, 'scale', `Scale ${service} in ${environment} from ${from} to ${instances}?`),
      scene.target.steps(change, scene.state),
      [
        tell(
          'note',
          'tell the thread',
          { kind: 'thread' },
          `${service} runs ${instances} instances in ${environment}.`,
        ),
      ],
    ),
    observe: scene.environment.mode === 'observe',
    result: { service, environment, version, instances, replaced: null },
    aftermath: aftermath(scene),
  }
}

function servingNow({ placement, state }: Scene): { version: string; from: number } {
  if (state.serving !== null) return { version: state.serving, from: instancesServing(state) }
  const { service, environment } = placement
  throw refused('nothing-serves', `Nothing of ${service} serves ${environment}, so there is nothing to scale.`, {
    next: `Deploy it first: /deploy ${service} ${environment}`,
  })
}

function bounded({ placement }: Scene, from: number, instances: number): void {
  const { service, environment, maxInstances } = placement
  if (instances > maxInstances)
    throw refused('too-many-instances', `${service} in ${environment} may have at most ${maxInstances} instances.`, {
      wanted: `1 to ${maxInstances} instances`,
      came: String(instances),
      next: `Ask for fewer, or ask the operator to raise maxInstances.`,
    })
  if (instances === from)
    throw refused(
      'already-so',
      `${service} in ${environment} already has ${from} ${from === 1 ? 'instance' : 'instances'}.`,
      {
        next: 'Nothing to do.',
      },
    )
}
