import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../../src/clock.js'
import type { EmbeddedEngine } from '../../../src/integrations/backups/embedded/embedded.js'
import { createScratchYard } from '../../../src/integrations/backups/scratch/yard.js'
import type { JsonObject } from '../../../src/json.js'
import { silentLog } from '../../../src/log.js'
import { findPostgres } from '../../../src/store/embedded/postgres-program.js'
import { startEmbeddedPostgres } from '../../../src/store/embedded.js'
import { seedCluster } from '../seeded-cluster.js'
import { makeEngine } from './embedded-remake.js'
import { contextFor, type EngineRig, type Heal } from './engine-rig.js'

export type EmbeddedRig = EngineRig & {
  engine: EmbeddedEngine
  /** Everything that the rig has, for what one test alone needs. */
  place: { folder: string; storage: string; dir: string; settings: JsonObject; stopServer(): Promise<void> }
}

export type EmbeddedRigOptions = {
  compression?: 'auto' | 'none'
  encrypted?: boolean
  server?: string[]
  ownDisk?: boolean
}

/** The embedded PostgreSQL with the engine that needs no program, on a storage of its own with a real limit where one can be mounted. */
export async function embeddedRig(options: EmbeddedRigOptions = {}): Promise<EmbeddedRig> {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-embedded-'))
  chmodSync(folder, 0o755)
  const dir = join(folder, 'server')
  await seedCluster(dir)
  // What hands over segments is our slot; the suite asks the server’s own archiver when it is done with one.
  const archiver = ['archive_mode=on', 'archive_command=/bin/true']
  const server = await startEmbeddedPostgres({
    dir,
    settings: ['fsync=off', 'summarize_wal=on', 'max_wal_size=256MB', ...archiver, ...(options.server ?? [])],
    log: silentLog,
  })
  const storage = join(folder, 'storage')
  mkdirSync(storage)
  const disk = options.ownDisk !== false && mounted(storage)
  const encryption = options.encrypted === false ? null : { secret: 'file:/a-secret' }
  const settings: JsonObject = {
    url: server.url,
    storage: { at: { kind: 'local', path: storage }, compression: options.compression ?? 'auto', encryption },
    secret: 'thirty-two characters of a secret',
  }
  const engine = await makeEngine(settings)
  const { postgres, user } = findPostgres(silentLog)
  const yard = createScratchYard(
    { folder: join(folder, 'yard'), bin: dirname(postgres), as: user, database: 'postgres', superuser: 'shipmate' },
    systemClock,
  )
  return {
    engine,
    yard,
    url: server.url,
    plant: plantsIn(join(storage, 'shop'), engine),
    remake: {
      module: fileURLToPath(new URL('../../../dist/test/support/backups/embedded-remake.js', import.meta.url)),
      settings,
    },
    place: { folder, storage, dir, settings, stopServer: () => server.stop() },
    async close() {
      for (const { folder: left } of await yard.left()) await yard.remove(left)
      await server.stop()
      if (disk) execFileSync('umount', [storage])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A disk of its own, where we may mount one. */
function mounted(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=500m,mode=700', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function plantsIn(storage: string, engine: EmbeddedEngine): EngineRig['plant'] {
  const backup = (label: string) => join(storage, 'backups', label)
  const largest = (label: string) =>
    readdirSync(backup(label))
      .map((name) => join(backup(label), name))
      .sort((one, other) => statSync(other).size - statSync(one).size)[0] ?? ''
  const segment = (name: string) => {
    const [system = ''] = readdirSync(join(storage, 'wal'))
    const found = readdirSync(join(storage, 'wal', system)).find((file) => file.startsWith(`${name}.`))
    if (!found) throw new Error(`${name} is not in the storage`)
    return join(storage, 'wal', system, found)
  }
  return {
    flipByte: async (label) => flipped(largest(label)),
    truncate: async (label) =>
      changed(largest(label), (file, bytes) => truncateSync(file, Math.floor(bytes.length / 2))),
    empty: async (label) => changed(largest(label), (file) => truncateSync(file, 0)),
    async loseSegment(name) {
      // What the server still keeps would be fetched again: a segment is lost for good once later ones are in the storage.
      await engine.holding(contextFor())
      return changed(segment(name), (file) => rmSync(file))
    },
    flipSegment: async (name) => flipped(segment(name)),
    async fill(leaving) {
      const { bavail, bsize } = statfsSync(storage)
      const ballast = join(dirname(storage), 'ballast')
      writeFileSync(ballast, Buffer.alloc(bavail * bsize - leaving, 1))
      return async () => rmSync(ballast)
    },
  }
}

const flipped = (file: string) =>
  changed(file, (path, bytes) => {
    const copy = Buffer.from(bytes)
    const at = Math.floor(copy.length / 2)
    copy[at] = (copy[at] ?? 0) ^ 0x10
    writeFileSync(path, copy)
  })

function changed(file: string, change: (file: string, bytes: Buffer) => void): Heal {
  const before = readFileSync(file)
  change(file, before)
  return async () => writeFileSync(file, before)
}
