import { headStatus } from '../../../http.js'
import type { Broken } from './broken.js'

/** So many addresses are asked for one backup; they are asked anew with the next one. */
const most = 100
const atOnce = 4
const timeoutMs = 5_000

/** Those of which their host says that they are not there. Only hosts that the operator names are asked, by HEAD alone. */
export async function goneOutside(links: Broken[], hosts: string[], signal: AbortSignal): Promise<Broken[]> {
  const byAddress = new Map<string, Broken[]>()
  for (const link of links) {
    const address = addressOf(link.target, hosts)
    if (address !== null) byAddress.set(address, [...(byAddress.get(address) ?? []), link])
  }
  const waiting = [...byAddress].slice(0, most)
  const gone: Broken[] = []
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      signal.throwIfAborted()
      // One that does not answer now may answer tomorrow: that is no link that leads nowhere.
      const status = await headStatus(next[0], { allowedHosts: hosts, timeoutMs, signal }).catch(() => null)
      if (status === 404 || status === 410) gone.push(...next[1])
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  signal.throwIfAborted()
  return gone
}

/** Without what stands behind #; null for one that nobody may ask. */
function addressOf(target: string, hosts: string[]): string | null {
  if (!URL.canParse(target)) return null
  const url = new URL(target)
  url.hash = ''
  return hosts.includes(url.host) && url.username === '' ? url.href : null
}
