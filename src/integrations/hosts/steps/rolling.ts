import type { InstanceState, TargetState } from '../../../releases/target.js'
import type { DoStep, Step } from '../../../runs/step.js'
import type { InstanceRef, UpstreamRef } from '../inputs.js'
import type { Replace } from './blue-green.js'
import { newInstances, spread } from './naming.js'
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

/** One instance after the other: a new one comes in, an old one goes, and the old one comes back if that was wrong. */
export function rollingSteps(hosts: string[], change: Replace, state: TargetState): Step[] {
  const { place, to } = change
  const old = state.instances.filter(({ weight }) => weight > 0)
  const idle = state.instances.filter(({ weight }) => weight === 0)
  const kept = old.slice(0, place.instances).map(({ host }) => host)
  const added = spread(hosts, Math.max(0, place.instances - kept.length), kept)
  const fresh = newInstances(place, to.version, [...kept, ...added], state.instances)
  return [
    artifactStep(place, to.version, to.artifact),
    ...(to.migrations.length > 0
      ? [migrateStep(place, hosts[0] ?? '', to.version, to.artifact, to.migrations.length)]
      : []),
    ...fresh.flatMap((_, index) => oneByOne(change, old, fresh, index)),
    ...(idle.length > 0 ? [retireStep(place, 'retire', idle.map(refOf))] : []),
  ]
}

function oneByOne({ place, to }: Replace, old: InstanceState[], fresh: InstanceRef[], index: number): Step[] {
  const number = index + 1
  const instance = fresh[index]
  if (instance === undefined) return []
  const of = `${number} of ${fresh.length}`
  const share = Math.round((100 * number) / (number + oldLeft(old, fresh, number).length))
  const going = oldLeft(old, fresh, index).filter((one) => !oldLeft(old, fresh, number).includes(one))
  return [
    startStep(place, { key: `start-${number}`, instance, artifact: to.artifact, title: `Start ${to.version}, ${of}` }),
    readyStep(place, { key: `ready-${number}`, instances: [instance], title: `${to.version} healthy, ${of}` }),
    shiftStep(place, {
      key: `shift-${number}`,
      title: `${share} % of traffic to ${to.version}`,
      to: tableAfter(old, fresh, number),
      back: index === 0 ? tableNow(old) : tableAfter(old, fresh, index),
      version: to.version,
    }),
    verifyStep(place, `verify-${number}`, share, to.version),
    ...(going.length > 0 ? [retireOld(place, `retire-${number}`, going)] : []),
  ]
}

/** Old instances that serve once `number` new ones do; with the last new one all are gone. */
function oldLeft(old: InstanceState[], fresh: InstanceRef[], number: number): InstanceState[] {
  return number >= fresh.length ? [] : old.slice(number)
}

function tableAfter(old: InstanceState[], fresh: InstanceRef[], number: number): UpstreamRef[] {
  return weighted([...fresh.slice(0, number), ...oldLeft(old, fresh, number)], 100)
}

/** Unlike in blue-green the old one is needed again when a later instance fails, so stopping it has an undo. */
function retireOld(place: Replace['place'], key: string, going: InstanceState[]): DoStep {
  const [first] = going
  const step = retireStep(place, key, going.map(refOf))
  if (first === undefined || going.length > 1) return step
  const again = startStep(place, { key, instance: refOf(first), artifact: null })
  return {
    ...step,
    undo: {
      title: `Start ${first.version} on ${first.host} again`,
      action: again.action,
      with: { ...again.with, ready: place.healthy },
      timeout: place.healthy + step.timeout,
    },
  }
}
