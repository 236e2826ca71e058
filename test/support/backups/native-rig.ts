import { join } from 'node:path'
import type { BackupEngine } from '../../../src/backups/engine.js'
import { systemClock } from '../../../src/clock.js'
import { createNativeEngine } from '../../../src/integrations/backups/native/engine.js'
import { archiveCommand } from '../../../src/integrations/backups/native/ready.js'
import { nativeSettings } from '../../../src/integrations/backups/native/settings.js'
import { createScratchYard } from '../../../src/integrations/backups/scratch/yard.js'
import type { JsonObject } from '../../../src/json.js'
import type { EngineRig } from './engine-rig.js'
import { folderFor, type LocalServer, postgresUser, smallDisk, startLocalServer } from './local-server.js'
import { filled, flip, gone, halve, hollow, largestFirst } from './planted.js'

/** The engine as another process makes it again from what JSON can hold. */
export async function makeEngine(settings: JsonObject): Promise<BackupEngine> {
  const { url, ...own } = settings
  return createNativeEngine(nativeSettings.parse(own), { name: 'the server', url: async () => String(url) })
}

export type NativeRig = EngineRig & { server: LocalServer; archive: string; folder: string }

const diskBytes = 1024 * 1024 * 1024

/** PostgreSQL's own tools on a real server, with backups on a disk of their own. */
export async function nativeRig(
  bin: string,
  lines: string[] = [],
  given: { ownDisk?: boolean } = {},
): Promise<NativeRig> {
  const as = postgresUser()
  const dir = folderFor(as)
  const archive = folderFor(as, dir, 'archive')
  const folder = folderFor(as, dir, 'storage')
  const server = await startLocalServer(bin, dir, () => [`archive_command = '${archiveCommand(archive)}'`, ...lines])
  const ownDisk = given.ownDisk !== false && smallDisk(folder, diskBytes, as)
  const settings = { bin, folder, archive, url: server.url }
  const yard = createScratchYard(
    { folder: join(dir, 'yard'), bin, as, database: 'postgres', superuser: 'postgres' },
    systemClock,
  )
  const backup = (label: string) => join(folder, 'backups', label)
  const data = (label: string) => {
    const [largest] = largestFirst(backup(label)).filter((path) => !/pg_wal|backup_manifest/.test(path))
    if (!largest) throw new Error(`there are no files in ${label}`)
    return largest
  }
  return {
    server,
    archive,
    folder,
    engine: await makeEngine(settings),
    yard,
    url: server.url,
    plant: {
      flipByte: async (label) => flip(data(label)),
      truncate: async (label) => halve(data(label)),
      empty: async (label) => hollow(backup(label)),
      loseSegment: async (name) => gone(join(archive, name), dir),
      flipSegment: async (name) => flip(join(archive, name), 0.00001),
      fill: ownDisk ? (leaving) => filled(folder, leaving) : null,
    },
    remake: { module: new URL('../../../dist/test/support/backups/native-rig.js', import.meta.url).href, settings },
    async close() {
      for (const left of await yard.left()) await yard.remove(left.folder)
      await server.stop()
    },
  }
}
