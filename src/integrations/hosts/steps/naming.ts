import type { InstanceState, Place } from '../../../releases/target.js'
import type { InstanceRef } from '../inputs.js'

/**
 * New instances spread over the hosts in turn, with names that no running one has. The same state gives the same names,
 * so a plan made twice is the same plan.
 */
export function newInstances(
  place: Place,
  version: string,
  hosts: string[],
  taken: Pick<InstanceState, 'id'>[],
): InstanceRef[] {
  const used = new Set(taken.map(({ id }) => id))
  return hosts.map((host) => {
    const id = freeName(`${place.service}-${place.environment}-${version}-${host}`, used)
    used.add(id)
    return { id, host, version }
  })
}

function freeName(stem: string, used: Set<string>): string {
  let number = 1
  while (used.has(`${stem}-${number}`)) number += 1
  return `${stem}-${number}`
}

/** `count` host names in turn, starting with those that `busy` names least. */
export function spread(hosts: string[], count: number, busy: string[] = []): string[] {
  const load = new Map(hosts.map((host) => [host, busy.filter((name) => name === host).length]))
  return Array.from({ length: count }, () => {
    const [host] = [...load].sort((a, b) => a[1] - b[1])[0] ?? ['']
    load.set(host, (load.get(host) ?? 0) + 1)
    return host
  })
}

/** start-web-1-1, start-web-2-1, start-web-1-2 … */
export function startKeys(instances: InstanceRef[]): string[] {
  const seen = new Map<string, number>()
  return instances.map(({ host }) => {
    const number = (seen.get(host) ?? 0) + 1
    seen.set(host, number)
    return `start-${host}-${number}`
  })
}
