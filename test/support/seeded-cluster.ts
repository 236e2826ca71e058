import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { silentLog } from '../../src/log.js'
import { isAlive } from '../../src/store/embedded/postmaster.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'
import { waitFor } from './wait-for.js'

const prefix = 'shipmate-seed-'
const runner = () => process.env.SHIPMATE_TEST_RUNNER ?? String(process.ppid)

/**
 * Puts a cluster into a folder where an embedded PostgreSQL will be started, as its first start would make it: making one
 * takes seconds of a processor, and a copy of one that was made for this test run does not.
 */
export async function seedCluster(dir: string): Promise<void> {
  const seed = await madeOnce(join(tmpdir(), `${prefix}${runner()}`))
  mkdirSync(dir, { recursive: true })
  // Not in JavaScript: the files keep the user that the server runs as.
  await promisify(execFile)('cp', ['-pR', join(seed, 'data'), join(seed, 'password'), dir])
}

/** Whoever of the test run's workers comes first makes it; the others wait. */
async function madeOnce(folder: string): Promise<string> {
  const [seed, made] = [join(folder, 'cluster'), join(folder, 'made')]
  if (isMine(folder)) {
    const server = await startEmbeddedPostgres({ dir: seed, settings: ['fsync=off'], log: silentLog })
    await server.stop()
    writeFileSync(made, '')
  }
  await waitFor('a cluster to copy is made', () => existsSync(made), 60_000)
  return seed
}

function isMine(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o755 })
    return true
  } catch {
    return false
  }
}

/** Removes those of this test run and of runs that are over. */
export function removeSeeds(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const owner = Number(name.slice(prefix.length))
    if (owner === process.pid || !isAlive(owner)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}
