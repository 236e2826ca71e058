import type { Log } from '../../log.js'
import type { HostsTarget } from '../../releases/catalogue.js'
import type { Target } from '../../releases/target.js'
import type { Action, Check } from '../../runs/abilities.js'
import { hostsActions } from './actions.js'
import { handLines } from './by-hand.js'
import { hostsChecks } from './checks.js'
import { createClients } from './clients.js'
import { lookAt } from './look.js'
import { hostsSteps } from './steps/steps.js'

export type HostsDriver = { target: Target; checks: Check[]; actions: Action[] }

/**
 * The driver for hosts with an agent behind a proxy. One for all such targets of the operator's file: places and steps
 * name theirs. `secret` gives what a reference (`file:…`) stands for.
 */
export function createHostsTarget(options: {
  targets: { [name: string]: HostsTarget }
  secret(reference: string): Promise<string>
  log: Log
}): HostsDriver {
  const clientsOf = createClients(options.targets, options.secret, options.log)
  return {
    target: {
      look: (place) => lookAt(clientsOf, place),
      steps: (change, state) => hostsSteps(options.targets, change, state),
      byHand: (place, state) => {
        const settings = Object.hasOwn(options.targets, place.target) ? options.targets[place.target] : undefined
        return settings ? handLines(settings, place, state) : []
      },
    },
    checks: hostsChecks(clientsOf),
    actions: hostsActions(clientsOf),
  }
}
