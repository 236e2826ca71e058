import type { InstanceState, Place } from '../../../releases/target.js'
import type { CheckStep, DoStep } from '../../../runs/step.js'
import type { InstanceRef, UpstreamRef } from '../inputs.js'

/** The steps that all strategies are put together from. Keys and titles stay: runs that wait are found again by them. */

const margin = 30_000
const call = 30_000

const where = ({ target, service, environment }: Place) => ({ target, service, environment })

export function artifactStep(place: Place, version: string, artifact: string): CheckStep {
  return {
    key: 'artifact',
    title: `${version} is on the hosts`,
    verb: 'check',
    check: 'hosts.artifact',
    with: { ...where(place), version, artifact },
    timeout: call,
    retries: 2,
    onFailure: 'stop',
  }
}

export function reachableStep(place: Place): CheckStep {
  return {
    key: 'reachable',
    title: 'Hosts and proxy answer',
    verb: 'check',
    check: 'hosts.reachable',
    with: where(place),
    timeout: call,
    onFailure: 'stop',
  }
}

export function migrateStep(place: Place, host: string, version: string, artifact: string, count: number): DoStep {
  return {
    key: 'migrate',
    title: count === 1 ? 'Run 1 migration' : `Run ${count} migrations`,
    verb: 'do',
    action: 'hosts.migrate',
    with: { ...where(place), host, version, artifact },
    timeout: 600_000,
    retries: 3,
    onFailure: 'undo',
  }
}

export type Start = { key: string; needs?: string[]; instance: InstanceRef; artifact: string | null; title?: string }

export function startStep(place: Place, { key, needs, instance, artifact, title }: Start): DoStep {
  return {
    key,
    title: title ?? `Start ${instance.version} on ${instance.host}`,
    verb: 'do',
    action: 'hosts.start',
    with: { ...where(place), ...instance, artifact, ready: 0 },
    timeout: call,
    retries: 3,
    ...(needs && { needs }),
    onFailure: 'undo',
    undo: {
      title: `Stop ${instance.version} on ${instance.host}`,
      action: 'hosts.stop',
      with: { ...where(place), instances: [instance], drain: place.drain },
      timeout: place.drain + margin,
    },
  }
}

export type Ready = { key: string; needs?: string[]; instances: InstanceRef[]; title?: string }

export function readyStep(place: Place, { key, needs, instances, title }: Ready): CheckStep {
  return {
    key,
    title: title ?? `${instances.length} × ${instances[0]?.version ?? ''} healthy`,
    verb: 'check',
    check: 'hosts.ready',
    with: { ...where(place), instances, within: place.healthy },
    timeout: place.healthy + margin,
    retries: 3,
    ...(needs && { needs }),
    onFailure: 'undo',
  }
}

/** `back` is the route table to return to. */
export type Shift = { key: string; title: string; to: UpstreamRef[]; back: UpstreamRef[]; version: string }

export function shiftStep(place: Place, { key, title, to, back, version }: Shift): DoStep {
  const before = back.find(({ weight }) => weight > 0)?.version ?? null
  return {
    key,
    title,
    verb: 'do',
    action: 'hosts.shift',
    with: { ...where(place), upstreams: to, version, all: true },
    timeout: call,
    retries: 3,
    onFailure: 'undo',
    undo: {
      title: before === null ? 'Take the traffic away' : `Traffic back to ${before}`,
      action: 'hosts.shift',
      with: { ...where(place), upstreams: back, version: before, all: false },
      timeout: call,
    },
  }
}

export function verifyStep(place: Place, key: string, share: number, version: string): CheckStep {
  return {
    key,
    title: share === 100 ? `Watch ${version}` : `Watch ${version} at ${share} %`,
    verb: 'check',
    check: 'hosts.verify',
    with: { ...where(place), version, share, ...place.verify },
    timeout: place.verify.for * 2 + margin,
    retries: 3,
    onFailure: 'undo',
  }
}

export function retireStep(place: Place, key: string, instances: InstanceRef[]): DoStep {
  const versions = [...new Set(instances.map(({ version }) => version))].join(', ')
  return {
    key,
    title: `Stop ${versions}`,
    verb: 'do',
    action: 'hosts.retire',
    with: { ...where(place), instances, drain: place.drain },
    timeout: place.drain + margin,
    retries: 3,
    onFailure: 'warn',
  }
}

export const refOf = ({ id, host, version }: InstanceRef): InstanceRef => ({ id, host, version })

/** The route table as it is. */
export const tableNow = (instances: InstanceState[]): UpstreamRef[] =>
  instances.filter(({ weight }) => weight > 0).map(({ url, weight, ...rest }) => ({ ...refOf(rest), weight, url }))

/** The share is spread evenly over the instances. */
export const weighted = (instances: (InstanceRef & { url?: string })[], share: number): UpstreamRef[] =>
  instances.map((instance) => ({
    ...refOf(instance),
    weight: Math.round((share / instances.length) * 1000) / 1000,
    url: instance.url ?? null,
  }))
