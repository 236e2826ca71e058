import { execFileSync } from 'node:child_process'
import { chownSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupEngine } from '../../../src/backups/engine.js'
import { systemClock } from '../../../src/clock.js'
import { createPgBackRestEngine } from '../../../src/integrations/backups/pgbackrest/engine.js'
import { pgBackRestSettings } from '../../../src/integrations/backups/pgbackrest/settings.js'
import { createScratchYard } from '../../../src/integrations/backups/scratch/yard.js'
import type { JsonObject } from '../../../src/json.js'
import type { EngineRig, Plants } from './engine-rig.js'
import { folderFor, type LocalServer, postgresUser, smallDisk, startLocalServer } from './local-server.js'
import { filled, flip, gone, halve, hollow, largestFirst } from './planted.js'

/** The engine as another process makes it again from what JSON can hold. */
export async function makeEngine(settings: JsonObject): Promise<BackupEngine> {
  const { url, ...own } = settings
  const database = { name: 'the server', url: async () => String(url) }
  return createPgBackRestEngine(pgBackRestSettings.parse(own), database)
}

export type PgBackRestRig = EngineRig & { server: LocalServer; config: string; repository: string }

const diskBytes = 1024 * 1024 * 1024

/** A real pgBackRest on a real server, with a repository on a disk of its own. */
export async function pgBackRestRig(
  bin: string,
  program: string,
  given: { options?: string[]; settings?: string[]; ownDisk?: boolean } = {},
): Promise<PgBackRestRig> {
  const as = postgresUser()
  const dir = folderFor(as)
  const config = join(dir, 'pgbackrest.conf')
  const server = await startLocalServer(bin, dir, () => [
    `archive_command = '${program} --config=${config} --stanza=main archive-push %p'`,
    ...(given.settings ?? []),
  ])
  const [repository, log, lock] = ['repository', 'log', 'lock'].map((name) => folderFor(as, dir, name)) as [
    string,
    string,
    string,
  ]
  const ownDisk = given.ownDisk !== false && smallDisk(repository, diskBytes, as)
  const lines = [
    '[global]',
    `repo1-path=${repository}`,
    `log-path=${log}`,
    `lock-path=${lock}`,
    'archive-timeout=30',
    ...(given.options ?? []),
    '[main]',
    `pg1-path=${server.data}`,
    `pg1-port=${server.port}`,
    `pg1-socket-path=${server.socketFolder}`,
    'pg1-user=postgres',
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  if (as) chownSync(config, as.uid, as.gid)
  execFileSync(program, [`--config=${config}`, '--stanza=main', 'stanza-create'], { ...as, stdio: 'pipe', cwd: '/' })
  const settings = { program, config, stanza: 'main', url: server.url }
  const yard = createScratchYard(
    { folder: join(dir, 'yard'), bin, as, database: 'postgres', superuser: 'postgres' },
    systemClock,
  )
  return {
    server,
    config,
    repository,
    engine: await makeEngine(settings),
    yard,
    url: server.url,
    plant: plants(repository, dir, ownDisk),
    remake: { module: new URL('../../../dist/test/support/backups/pgbackrest-rig.js', import.meta.url).href, settings },
    async close() {
      for (const { folder } of await yard.left()) await yard.remove(folder)
      await server.stop()
    },
  }
}

function plants(repository: string, outside: string, ownDisk: boolean): Plants {
  const backup = (label: string) => join(repository, 'backup', 'main', label)
  const segment = (name: string) => {
    const archive = join(repository, 'archive', 'main')
    const found = readdirSync(archive, { recursive: true, encoding: 'utf8' }).find((path) => path.includes(`/${name}-`))
    if (!found) throw new Error(`segment ${name} is not in the archive`)
    return join(archive, found)
  }
  const data = (label: string) => {
    const [largest] = largestFirst(backup(label)).filter((path) => !path.includes('backup.manifest'))
    if (!largest) throw new Error(`there are no files in ${label}`)
    return largest
  }
  return {
    flipByte: async (label) => flip(data(label)),
    truncate: async (label) => halve(data(label)),
    empty: async (label) => hollow(backup(label)),
    loseSegment: async (name) => gone(segment(name), outside),
    flipSegment: async (name) => flip(segment(name)),
    fill: ownDisk ? (leaving) => filled(repository, leaving) : null,
  }
}
