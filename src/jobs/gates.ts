import { needs } from '../releases/approvals.js'
import { type ApprovalPolicy, type ApprovedAct, resourceOf } from '../releases/catalogue.js'
import type { PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { AskStep, CheckStep, SayStep, Step } from '../runs/step.js'
import { silenceSteps } from './alerts/silencing.js'
import type { Facts } from './facts.js'
import type { Scene } from './place.js'

const gateTimeout = 10_000

type Placed = Pick<Scene, 'environment' | 'placement'>

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

/** What serves, looked at once more when a run that acted ends half-way. */
export const aftermath = (scene: Scene) => ({
  check: 'jobs.serving',
  with: { place: scene.placement, version: scene.state.serving },
})

/** The lines that bring back what serves now, where the operator's file wants them in the thread. */
export function byHand({ environment, placement, target, state }: Scene): Pick<PlanDraft, 'byHand'> {
  const lines = environment.byHand && environment.mode === 'act' ? target.byHand(placement, state) : []
  return lines.length > 0 ? { byHand: lines } : {}
}

/** What people are asked before the first change; nothing when the policy asks nobody or the environment observes. */
export function approval(scene: Placed, job: ApprovedAct, question: string): Step[] {
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
function selfNotice(scene: Placed, policy: ApprovalPolicy): SayStep[] {
  if (policy.requester !== 'self with confirmation') return []
  const { service, environment } = scene.placement
  const text = `${service} in ${environment}: approved under the rule that one person may go alone with confirmation. The card names who did.`
  return [tell('notice', 'tell the channel about the approval', { kind: 'channel' }, text)]
}

/** Gates of policy, not of what is possible: whoever had broken glass when asking is warned by them and not stopped. */
export const underGlassOnlyWarned = ({ glass }: Intent, gates: CheckStep[]): CheckStep[] =>
  glass === undefined ? gates : gates.map((gate) => ({ ...gate, onFailure: 'warn' }))

export function tell(key: string, title: string, to: SayStep['to'], text: string): SayStep {
  return { key, title, verb: 'say', to, text, timeout: gateTimeout, onFailure: 'warn' }
}

/**
 * Gates side by side, then the ask, then the work, then what is told. The checks a target begins with are gates too:
 * people approve after they have held, and nothing of the work begins before both, whatever it says it needs.
 */
export function inOrder(own: CheckStep[], asked: Step[], work: Step[], after: Step[]): Step[] {
  const firstDo = work.findIndex(({ verb }) => verb !== 'check')
  const leading = work.slice(0, firstDo < 0 ? work.length : firstDo).map((gate) => ({ ...gate, needs: [] }))
  const gates = [...own, ...leading]
  const keys = gates.map(({ key }) => key)
  const [ask, ...notices] = asked
  const asks = ask ? [{ ...ask, needs: keys }, ...notices] : []
  const cleared = asks.length > 0 ? asks.slice(-1).map(({ key }) => key) : keys
  const steps = work
    .slice(leading.length)
    .map((step, at) => ({ ...step, ...(begins(step, at, keys) && { needs: cleared }) }))
  return [...gates, ...asks, ...steps, ...after]
}

/** Alerts of the place are quiet from before the first change until after the last, where the operator's file wants it. */
export function quietly({ service, environment }: Intent, { catalogue }: Facts, work: Step[]): Step[] {
  const first = work.findIndex(({ verb }) => verb === 'do')
  if (!catalogue.alerts.silence.deploys || first < 0) return work
  const { before, after } = silenceSteps(service, environment)
  const gates = work.slice(0, first)
  const keys = gates.map(({ key }) => key)
  // What waits for gates only would begin beside the silence, and its alerts would still be told.
  const changes = work.slice(first).map((step) => ({ ...step, ...afterSilence(step, keys, before.key) }))
  return [...gates, before, ...changes, after]
}

const afterSilence = (step: Step, gates: string[], silence: string) =>
  step.needs?.every((key) => gates.includes(key)) ? { needs: [...step.needs, silence] } : {}

const begins = ({ needs }: Step, at: number, gates: string[]) =>
  needs === undefined ? at === 0 : needs.every((key) => gates.includes(key))
