import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Floor, openFloor } from '../../playground/floor/floor.js'
import { silentLog } from '../../src/log.js'
import type { HostsTarget } from '../../src/releases/catalogue.js'
import { bareDatabase } from '../support/database.js'

export type TestFloor = Floor & {
  dir: string
  settings: HostsTarget
  /** An authorised call of an agent or the proxy. */
  call(method: string, url: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>
  end(): Promise<void>
}

/** Two real hosts, a real proxy and the shop at v1.7.3 on a database of its own, in a folder of its own. */
export async function testFloor(options: { environments?: string[]; visitors?: number } = {}): Promise<TestFloor> {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-floor-'))
  const made = await Promise.all(
    (options.environments ?? ['prod']).map(async (name) => [name, await bareDatabase()] as const),
  )
  const databases = Promise.resolve(Object.fromEntries(made.map(([name, { url }]) => [name, url])))
  const floor = await openFloor({ dir, databases, visitors: options.visitors ?? null, log: silentLog })
  return {
    ...floor,
    dir,
    settings: {
      name: 'shop',
      driver: 'hosts',
      hosts: floor.hosts,
      proxy: floor.proxy,
      token: `file:${floor.tokenFile}`,
    },
    call: (method, url, body) => call(floor.token, method, url, body),
    async end() {
      await floor.close()
      await Promise.all(made.map(([, database]) => database.drop()))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function call(token: string, method: string, url: string, body?: object) {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
