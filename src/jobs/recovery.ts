import type { ApprovalPolicy, Catalogue, Environment } from '../releases/catalogue.js'
import type { Intent } from '../runs/run.js'

/**
 * An environment as it binds a run that recovers from an incident: where the operator's file lets its severity ask fewer
 * people, fewer are asked. Never more, and everything else stays. Nothing is urgent in a drill.
 */
export function boundBy(environment: Environment, { recovery }: Intent, { incidents }: Catalogue): Environment {
  if (!recovery || recovery.drill || !isSeverity(recovery.severity, incidents.severities)) return environment
  const { approvals } = incidents.severities[recovery.severity]
  const eased = Object.entries(environment.approvals).map(([act, policy]): [string, ApprovalPolicy] => {
    const quorum = approvals[act as keyof typeof approvals] ?? policy.quorum
    return [act, { ...policy, quorum: Math.min(policy.quorum, quorum) }]
  })
  return { ...environment, approvals: Object.fromEntries(eased) as Environment['approvals'] }
}

const isSeverity = <T extends object>(name: string, severities: T): name is string & keyof T =>
  Object.hasOwn(severities, name)
