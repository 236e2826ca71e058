import { refused } from '../../../errors.js'
import type { InstanceState, TargetChange, TargetState } from '../../../releases/target.js'
import type { Step } from '../../../runs/step.js'
import { newInstances, spread, startKeys } from './naming.js'
import {
  reachableStep,
  readyStep,
  refOf,
  retireStep,
  shiftStep,
  startStep,
  tableNow,
  verifyStep,
  weighted,
} from './parts.js'

export type Scale = Extract<TargetChange, { kind: 'scale' }>

/** More instances of what serves, or fewer; none when it is so already. At least one stays. */
export function scaleSteps(hosts: string[], change: Scale, state: TargetState): Step[] {
  const { place, instances, version } = change
  if (instances < 1)
    throw refused('scale-below-one', `${place.service} in ${place.environment} cannot go below 1 instance`, {
      wanted: '1 instance or more',
      came: String(instances),
      next: `Scale to 1, or take the service out of ${place.environment} in the operator’s file.`,
    })
  const running = state.instances.filter((instance) => instance.version === version && instance.weight > 0)
  if (instances === running.length) return []
  return instances > running.length ? more(hosts, change, running, state) : fewer(change, running, state)
}

function more(
  hosts: string[],
  { place, instances, version }: Scale,
  running: InstanceState[],
  state: TargetState,
): Step[] {
  const on = spread(
    hosts,
    instances - running.length,
    running.map(({ host }) => host),
  )
  const added = newInstances(place, version, on, state.instances)
  const keys = startKeys(added)
  const starts = added.map((instance, index) =>
    startStep(place, { key: keys[index] ?? instance.id, needs: ['reachable'], instance, artifact: null }),
  )
  return [
    reachableStep(place),
    ...starts,
    readyStep(place, { key: 'healthy', needs: starts.map(({ key }) => key), instances: added }),
    spreadTraffic({ place, version, instances, kind: 'scale' }, [...running, ...added], state),
    verifyStep(place, 'verify-100', 100, version),
  ]
}

function fewer(change: Scale, running: InstanceState[], state: TargetState): Step[] {
  const going = crowded(running, running.length - change.instances)
  const staying = running.filter((instance) => !going.includes(instance))
  return [
    reachableStep(change.place),
    spreadTraffic(change, staying, state),
    retireStep(change.place, 'retire', going.map(refOf)),
  ]
}

function spreadTraffic(
  { place, version, instances }: Scale,
  over: Parameters<typeof weighted>[0],
  state: TargetState,
): Step {
  const title = instances === 1 ? 'All traffic to 1 instance' : `Traffic over ${instances} instances`
  return shiftStep(place, {
    key: 'shift-100',
    title,
    to: weighted(over, 100),
    back: tableNow(state.instances),
    version,
  })
}

/** The newest on the hosts that have most, so that what stays is spread evenly. */
function crowded(running: InstanceState[], count: number): InstanceState[] {
  const left = [...running]
  return Array.from({ length: count }, () => {
    const on = (host: string) => left.filter((instance) => instance.host === host).length
    left.sort((a, b) => on(a.host) - on(b.host) || (a.id < b.id ? -1 : 1))
    return left.pop()
  }).filter((instance) => instance !== undefined)
}
