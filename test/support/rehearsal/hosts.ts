import { z } from 'zod'
import { hostsSteps } from '../../../src/integrations/hosts/steps/steps.js'
import type { HostsDriver } from '../../../src/integrations/hosts/target.js'
import type { Catalogue } from '../../../src/releases/catalogue.js'
import type { TargetState } from '../../../src/releases/target.js'
import { defineAction, defineCheck } from '../../../src/runs/abilities.js'
import { serving } from '../shop.js'

/** Hosts in memory, where a shift of traffic changes what serves: real ones are rehearsed by test/integrations/hosts. */
export function hostsInMemory(targets: Catalogue['targets']) {
  const world = { state: serving('v1.7.3') as TargetState }
  const passing = (name: string) =>
    defineCheck({ name, input: z.unknown(), run: async () => ({ outcome: 'pass', summary: 'fine' }) })
  const doing = (name: string, effect: (input: { [name: string]: unknown }) => void) =>
    defineAction({
      name,
      input: z.record(z.string(), z.unknown()),
      fence: 'key',
      run: async (input) => {
        effect(input)
        return { evidence: { summary: 'done' } }
      },
    })
  const driver: HostsDriver = {
    target: {
      look: async () => world.state,
      steps: (change, state) => hostsSteps(targets, change, state),
      byHand: () => [],
    },
    checks: ['hosts.artifact', 'hosts.reachable', 'hosts.ready', 'hosts.verify'].map(passing),
    actions: [
      doing('hosts.shift', ({ version, upstreams }) => {
        world.state = serving(z.string().parse(version), z.array(z.unknown()).parse(upstreams).length)
      }),
      ...['hosts.start', 'hosts.migrate', 'hosts.stop', 'hosts.retire'].map((name) => doing(name, () => {})),
    ],
  }
  return { driver, world }
}
