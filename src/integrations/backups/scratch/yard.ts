import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import type { ScratchYard } from '../../../backups/engine.js'
import type { Clock } from '../../../clock.js'
import { failed, faulted } from '../../../errors.js'
import { bytes } from '../../watched/words.js'
import type { RunsAs } from '../programs.js'
import { postmasterOn, stopPostmaster } from './postmaster.js'
import { forget, startScratch } from './server.js'

export type ScratchSettings = {
  /** Where scratch restores live, each in a folder of its own; ours alone, made when missing. */
  folder: string
  /** Where `postgres` is, and `pg_amcheck` where there is one: the version that the files need. */
  bin: string
  /** Whom PostgreSQL runs as when we are root: it refuses to be root. */
  as: RunsAs
  /** The database that is asked, and a superuser that its cluster has. */
  database: string
  superuser: string
  /** Libraries that the application's extensions want loaded from the start. */
  preload?: string[]
}

/** Room beside the files themselves, for what recovery and the server write. */
const spareBytes = 64 * 1024 * 1024

/** Each restore gets `<yard>/<name>/`: what it was made for, the server's log and state, and the files in `data/`. */
export function createScratchYard(settings: ScratchSettings, clock: Clock): ScratchYard {
  const yard = resolve(settings.folder)
  const entryOf = (folder: string) => {
    const entry = dirname(resolve(folder))
    if (basename(folder) === 'data' && dirname(entry) === yard) return entry
    throw faulted('scratch-foreign', `${folder} is no folder of the scratch yard ${yard}`)
  }
  const removeEntry = async (entry: string) => {
    const data = join(entry, 'data')
    await stopPostmaster(data, clock)
    await forget(entry)
    await rm(entry, { recursive: true, force: true, maxRetries: 3 })
  }
  return {
    async folder(key, size) {
      await mkdir(yard, { recursive: true, mode: 0o711 })
      const entry = join(yard, nameFor(key))
      await removeEntry(entry)
      await enoughRoom(yard, size)
      await mkdir(entry, { mode: 0o700 })
      await writeFile(join(entry, 'made-for.json'), JSON.stringify({ key }), { mode: 0o600 })
      const data = join(entry, 'data')
      await mkdir(data, { mode: 0o700 })
      if (settings.as) for (const path of [entry, data]) await chown(path, settings.as.uid, settings.as.gid)
      return data
    },
    async start(folder, context) {
      const entry = entryOf(folder)
      if (!existsSync(join(entry, 'data', 'PG_VERSION')))
        throw failed('scratch-files-broken', 'there are no files of a database to start on', {
          wanted: `a PG_VERSION in ${folder}`,
          came: 'it is not there',
          next: 'Restore into this folder first.',
        })
      await reachable(yard, settings.as)
      return startScratch(settings, entry, context)
    },
    remove: async (folder) => removeEntry(entryOf(folder)),
    left: () => leftIn(yard),
  }
}

/** Readable for people, and different for different keys. */
function nameFor(key: string): string {
  const readable = key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40)
  return `${readable || 'scratch'}-${createHash('sha256').update(key).digest('hex').slice(0, 10)}`
}

async function enoughRoom(yard: string, wanted: number): Promise<void> {
  const { bavail, bsize } = await statfs(yard)
  const [free, needed] = [bavail * bsize, wanted + spareBytes]
  if (free >= needed) return
  throw failed('scratch-full', `there is no room for a scratch restore in ${yard}`, {
    wanted: `${bytes(needed)} free`,
    came: `${bytes(free)} are free`,
    next: 'Make room there, or name a folder on a larger disk in the operator’s file.',
  })
}

/** The server's user has to get through every folder above. */
async function reachable(yard: string, as: RunsAs): Promise<void> {
  if (!as) return
  for (let folder = yard; dirname(folder) !== folder; folder = dirname(folder)) {
    const { mode, uid } = await stat(folder)
    if (mode & 0o001 || uid === as.uid) continue
    if (folder === yard) await chmod(folder, mode | 0o111)
    else
      throw failed('scratch-unreachable', `the user that PostgreSQL runs as cannot reach ${yard}`, {
        wanted: `everybody may go through ${folder}`,
        came: `its mode is ${(mode & 0o777).toString(8)}`,
        next: `Run chmod o+x ${folder}, or name another folder in the operator’s file.`,
      })
  }
}

const madeFor = z.object({ key: z.string() })

async function leftIn(yard: string): Promise<{ key: string; folder: string; running: boolean }[]> {
  if (!existsSync(yard)) return []
  const entries = await readdir(yard, { withFileTypes: true })
  return Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const folder = join(yard, name, 'data')
        return { key: await keyOf(join(yard, name)), folder, running: postmasterOn(folder) !== null }
      }),
  )
}

/** Whoever was killed before the key was written left a folder that goes by its own name. */
async function keyOf(entry: string): Promise<string> {
  try {
    return madeFor.parse(JSON.parse(await readFile(join(entry, 'made-for.json'), 'utf8'))).key
  } catch {
    return basename(entry)
  }
}
