import { failed } from '../../../errors.js'
import type { HostsTarget } from '../../../releases/catalogue.js'
import type { TargetChange, TargetState } from '../../../releases/target.js'
import type { Step } from '../../../runs/step.js'
import { blueGreenSteps } from './blue-green.js'
import { rollingSteps } from './rolling.js'
import { scaleSteps } from './scale.js'

/** The steps of a change by its strategy. Pure: the same change and state give the same steps. */
export function hostsSteps(targets: { [name: string]: HostsTarget }, change: TargetChange, state: TargetState): Step[] {
  const steps = stepsFrom(hostNames(targets, change.place.target), change, state)
  return state.byHand ? steps.map(knowing) : steps
}

function stepsFrom(hosts: string[], change: TargetChange, state: TargetState): Step[] {
  if (change.kind === 'scale') return scaleSteps(hosts, change, state)
  return change.place.strategy === 'rolling' ? rollingSteps(hosts, change, state) : blueGreenSteps(hosts, change, state)
}

/** What was so by hand when people approved it stands in no shift's way. */
const knowing = (step: Step): Step =>
  step.verb === 'do' && step.action === 'hosts.shift' ? { ...step, with: { ...step.with, byHand: true } } : step

function hostNames(targets: { [name: string]: HostsTarget }, name: string): string[] {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined
  if (target !== undefined && target.hosts.length > 0) return target.hosts.map((host) => host.name)
  throw failed('target-unknown', `there is no target named ${name} with hosts in the operator’s file`, {
    wanted: `one of ${Object.keys(targets).join(', ')}`,
    came: name,
    next: 'Name the target in the operator’s file.',
  })
}
