import { open } from 'node:fs/promises'
import { asShipmateError } from '../../errors.js'
import { masked } from '../../log.js'
import { placementOf } from '../../releases/catalogue.js'
import { type ClientsOf, hostNamed } from '../hosts/clients.js'
import { instancesOf } from '../hosts/look.js'
import type { At } from '../watched/inputs.js'
import { type WatchedParts, watchAt } from '../watched/parts.js'

export type LogEnd = { name: string; version: string | null; text: string; problem: string | null }

const mostBytes = 512 * 1024
const mostLines = 1_000

/** The ends of all logs of a place: those of its instances on hosts, and the files that the operator's file names. */
export async function logEnds(
  parts: WatchedParts,
  clientsOf: ClientsOf,
  given: At,
  signal: AbortSignal,
): Promise<LogEnd[]> {
  const files = (watchAt(parts, given)?.logs ?? []).map((path) => looked(path, null, endOf(path)))
  return [...(await Promise.all(files)), ...(await ofInstances(parts, clientsOf, given, signal))]
}

async function ofInstances(
  parts: WatchedParts,
  clientsOf: ClientsOf,
  given: At,
  signal: AbortSignal,
): Promise<LogEnd[]> {
  const placement = placementOf(parts.catalogue, given.service, given.environment)
  if (placement === null) return []
  try {
    const clients = await clientsOf(placement.target)
    const instances = await instancesOf(clients, placement, signal)
    return await Promise.all(
      instances.map(({ id, host, version }) => {
        const path = `/instances/${id}/log?tail=${mostLines}`
        return looked(id, version, hostNamed(clients, host).text(path, { signal, timeoutMs: 4_000 }))
      }),
    )
  } catch (thrown) {
    return [{ name: placement.target, version: null, text: '', problem: asShipmateError(thrown).message }]
  }
}

async function looked(name: string, version: string | null, text: Promise<string>): Promise<LogEnd> {
  try {
    return { name, version, text: masked(await text), problem: null }
  } catch (thrown) {
    return { name, version, text: '', problem: asShipmateError(thrown).message }
  }
}

async function endOf(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const length = Math.min(size, mostBytes)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8').split('\n').slice(-mostLines).join('\n')
  } finally {
    await file.close()
  }
}
