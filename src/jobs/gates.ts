import { needs } from '../releases/approvals.js'
import { type ApprovalPolicy, resourceOf } from '../releases/catalogue.js'
import type { Release } from '../releases/release.js'
import type { Intent } from '../runs/run.js'
import type { AskStep, CheckStep, SayStep, Step } from '../runs/step.js'
import type { Facts } from './facts.js'
import type { Scene } from './place.js'

const gateTimeout = 10_000

/** Nobody holds the environment by hand. */
export const unlocked = (intent: Intent): CheckStep => ({
  key: 'unlocked',
  title: `${intent.environment} is not locked`,
  verb: 'check',
  check: 'jobs.unlocked',
  with: { resource: resourceOf(intent.service, intent.environment) },
  timeout: gateTimeout,
  needs: [],
  onFailure: 'stop',
})

/** The target answers, and what the plan replaces is what serves. */
export const serving = (scene: Scene): CheckStep => ({
  key: 'serving',
  title: scene.state.serving === null ? 'the target answers' : `${scene.state.serving} serves`,
  verb: 'check',
  check: 'jobs.serving',
  with: { place: scene.placement, version: scene.state.serving },
  timeout: gateTimeout,
  needs: [],
  retries: 2,
  onFailure: 'stop',
})

/** The artifact is there with the digest that the plan pins; each driver knows how to look. */
export const artifact = (scene: Scene, release: Release, facts: Facts): CheckStep => ({
  key: 'artifact',
  title: `${release.version} is intact`,
  verb: 'check',
  check: `${facts.catalogue.targets[scene.placement.target]?.driver ?? 'unknown'}.artifact`,
  with: { place: scene.placement, version: release.version, artifact: release.artifact },
  timeout: 30_000,
  needs: [],
  retries: 2,
  onFailure: 'stop',
})

/** What people are asked before the first change; nothing when the policy asks nobody or the environment observes. */
export function approval(scene: Scene, job: 'deploy' | 'rollback' | 'scale', question: string): Step[] {
  const policy = scene.environment.approvals[job]
  if (policy.quorum === 0 || scene.environment.mode === 'observe') return []
  const { groups, people, requester, quorum, expires } = policy
  const ask: AskStep = {
    key: 'approve',
    title: needs({ environment: scene.environment.name, quorum, groups, people }),
    verb: 'ask',
    of: { groups, people, requester },
    question,
    answers: [
      { label: 'Approve', value: 'approve', style: 'primary' },
      { label: 'Reject…', value: 'reject', style: 'danger', reason: true },
    ],
    quorum,
    expires,
    timeout: expires,
    onFailure: 'stop',
  }
  return [ask, ...selfNotice(scene, policy)]
}

// A team of one may go alone, but never unseen.
function selfNotice(scene: Scene, policy: ApprovalPolicy): SayStep[] {
  if (policy.requester !== 'self with confirmation') return []
  const { service, environment } = scene.placement
  const text = `${service} in ${environment}: approved under the rule that one person may go alone with confirmation. The card names who did.`
  return [tell('notice', 'tell the channel about the approval', { kind: 'channel' }, text)]
}

export function tell(key: string, title: string, to: SayStep['to'], text: string): SayStep {
  return { key, title, verb: 'say', to, text, timeout: gateTimeout, onFailure: 'warn' }
}

/** Gates side by side, then each group after all that came before it, whatever its own first step says it needs. */
export function inOrder(gates: CheckStep[], asked: Step[], work: Step[], after: Step[]): Step[] {
  const last = asked.at(-1)
  const cleared = last ? [last.key] : gates.map(({ key }) => key)
  const first = asked[0]
  const asks = first ? [{ ...first, needs: gates.map(({ key }) => key) }, ...asked.slice(1)] : []
  const steps = work.map((step, at) => (begins(step, at) ? { ...step, needs: cleared } : step))
  return [...gates, ...asks, ...steps, ...after]
}

// A target's step that needs nothing would begin before anybody approved.
const begins = (step: Step, at: number) => (at === 0 && !step.needs?.length) || step.needs?.length === 0
