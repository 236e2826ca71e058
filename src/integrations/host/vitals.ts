import { readFile, statfs } from 'node:fs/promises'
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'
import { z } from 'zod'
import { asShipmateError, failed } from '../../errors.js'
import { placementOf } from '../../releases/catalogue.js'
import { type ClientsOf, createClients } from '../hosts/clients.js'
import type { At } from '../watched/inputs.js'
import { type WatchedParts, watchAt } from '../watched/parts.js'

const filled = z.object({ path: z.string(), used: z.number(), size: z.number() })
export const vitalsSchema = z.object({
  disks: z.array(filled),
  memory: z.object({ used: z.number(), size: z.number() }),
  load: z.object({ minute: z.number(), processors: z.number().min(1) }),
})
/** How a machine is: bytes, and processes that want to run. */
export type Vitals = z.infer<typeof vitalsSchema>
export type Machine = { name: string; vitals: Vitals | null; problem: string | null }

/** `statfs` and the rest of the local machine; another one for tests. */
export type LocalMachine = { disk(path: string): Promise<z.infer<typeof filled>> }

export const localMachine: LocalMachine = {
  async disk(path) {
    try {
      const { blocks, bfree, bavail, bsize } = await statfs(path)
      // As df does: what only root may still fill counts as used by nobody and free for nobody.
      const used = (blocks - bfree) * bsize
      return { path, used, size: used + bavail * bsize }
    } catch (cause) {
      throw failed('disk-unknown', `the disk of ${path} cannot be looked at`, {
        came: cause instanceof Error ? cause.message : String(cause),
        next: 'Correct watch.disk in the operator’s file.',
      })
    }
  },
}

/** The hosts of the place by their agents, and the machine of Shipmate's worker where the operator's file names disks of it. */
export function machinesOf(parts: WatchedParts, local: LocalMachine) {
  const clientsOf = createClients(parts.catalogue.targets, parts.secret, parts.log)
  return async (given: At, signal: AbortSignal): Promise<Machine[]> => {
    const paths = watchAt(parts, given)?.disk ?? []
    const here = paths.length > 0 ? [localVitals(paths, local)] : []
    return [...(await Promise.all(here)), ...(await agents(parts, clientsOf, given, signal))]
  }
}

async function agents(parts: WatchedParts, clientsOf: ClientsOf, given: At, signal: AbortSignal): Promise<Machine[]> {
  const placement = placementOf(parts.catalogue, given.service, given.environment)
  if (placement === null) return []
  const { hosts } = await clientsOf(placement.target)
  return Promise.all(
    hosts.map(async ({ name, http }): Promise<Machine> => {
      try {
        return { name, vitals: await http.get('/vitals', vitalsSchema, { signal, timeoutMs: 4_000 }), problem: null }
      } catch (thrown) {
        return { name, vitals: null, problem: asShipmateError(thrown).message }
      }
    }),
  )
}

async function localVitals(paths: string[], local: LocalMachine): Promise<Machine> {
  const disks = await Promise.all(paths.map((path) => local.disk(path)))
  const memory = { used: totalmem() - (await availableMemory()), size: totalmem() }
  const load = { minute: loadavg()[0] ?? 0, processors: availableParallelism() }
  return { name: 'Shipmate’s machine', vitals: { disks, memory, load }, problem: null }
}

/** What programs could still get: caches of files do not count as used. */
async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1]
  return available ? Number(available) * 1024 : freemem()
}
