import type { TargetChange, TargetState } from '../../../releases/target.js'
import type { Step } from '../../../runs/step.js'
import type { InstanceRef } from '../inputs.js'
import { newInstances, spread, startKeys } from './naming.js'
import {
  artifactStep,
  migrateStep,
  readyStep,
  refOf,
  retireStep,
  shiftStep,
  startStep,
  tableNow,
  verifyStep,
  weighted,
} from './parts.js'

export type Replace = Extract<TargetChange, { kind: 'replace' }>

/** All new instances beside the old ones; traffic moves when they are healthy, and back in one call when they are not. */
export function blueGreenSteps(hosts: string[], change: Replace, state: TargetState): Step[] {
  const { place, to } = change
  const green = newInstances(place, to.version, spread(hosts, place.instances), state.instances)
  const blue = state.instances.filter(({ weight }) => weight > 0)
  const before = [
    artifactStep(place, to.version, to.artifact),
    ...(to.migrations.length > 0
      ? [migrateStep(place, hosts[0] ?? '', to.version, to.artifact, to.migrations.length)]
      : []),
  ]
  const starts = startAll(change, green, before.at(-1)?.key ?? 'artifact')
  const shares = blue.length === 0 ? [] : place.shares.filter((share) => share > 0 && share < 100)
  return [
    ...before,
    ...starts,
    readyStep(place, { key: 'healthy', needs: starts.map(({ key }) => key), instances: green }),
    ...[...shares, 100].flatMap((share) => move(change, state, green, share)),
    ...(state.instances.length > 0 ? [retireStep(place, 'retire', state.instances.map(refOf))] : []),
  ]
}

function startAll({ place, to }: Replace, green: InstanceRef[], root: string) {
  const keys = startKeys(green)
  return green.map((instance, index) =>
    startStep(place, { key: keys[index] ?? instance.id, needs: [root], instance, artifact: to.artifact }),
  )
}

/** Going back always goes to the table from before the first move. */
function move({ place, to }: Replace, state: TargetState, green: InstanceRef[], share: number): Step[] {
  const blue = state.instances.filter(({ weight }) => weight > 0)
  const table = share === 100 ? weighted(green, 100) : [...weighted(green, share), ...weighted(blue, 100 - share)]
  const back = tableNow(state.instances)
  const title = share === 100 ? `All traffic to ${to.version}` : `${share} % of traffic to ${to.version}`
  return [
    shiftStep(place, { key: `shift-${share}`, title, to: table, back, version: to.version }),
    verifyStep(place, `verify-${share}`, share, to.version),
  ]
}
