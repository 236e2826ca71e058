import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineContext } from '../../../backups/engine.js'
import type { Restic } from '../../../releases/backups/files-policy.js'
import { openBucket } from '../storage/settings.js'
import type { Storage } from '../storage/storage.js'
import { createProgram, type Program, type ResticParts, repositoryGone } from './program.js'
import { type Used, usedOf } from './repository.js'
import type { Source } from './source.js'

/** What the parts of the engine share. */
export type Parts = {
  set: string
  settings: Restic
  source: Source
  program: Program
  work: string
  /** The list of files that was written here last; it is stored with each backup. */
  listing: string
  used(signal: AbortSignal): Promise<Used>
  /** True when the repository is there; throws when the one from before is not. */
  isThere(signal: AbortSignal): Promise<boolean>
  /** Makes the repository when none ever was. */
  make(context: EngineContext): Promise<void>
}

export function createParts(given: ResticParts & { settings: Restic; source: Source }): Parts {
  const { set, settings, source, work, secret } = given
  const program = createProgram(given)
  const marker = join(work, 'repository')
  const known = async () => (existsSync(marker) ? (await readFile(marker, 'utf8')).trim() : null)
  const remember = async (id: string) => {
    await mkdir(work, { recursive: true, mode: 0o700 })
    await writeFile(marker, `${id}\n`, { mode: 0o600 })
  }
  const { repository } = settings
  let bucket: Promise<Storage> | null = null
  const openedBucket = () => {
    bucket ??= bucketOf(repository, secret)
    return bucket
  }
  /** The mark of the repository whose id was looked at; each look derives its key anew, which costs most of a second. */
  let opened: string | null = null
  return {
    ...{ set, settings, source, program, work },
    listing: join(work, 'listing.jsonl'),
    used: (signal) => usedOf(repository, openedBucket, signal),
    async isThere(signal) {
      const mark = await markOf(repository)
      if (mark !== null && mark === opened) return true
      const [id, before] = [await program.repository(signal), await known()]
      if (before !== null && id !== before) throw repositoryGone(set, program.where, marker)
      if (id !== null && before === null) await remember(id)
      if (id !== null) opened = mark
      return id !== null
    },
    async make({ signal }) {
      await program.run('make its repository', { words: ['init'], signal })
      const id = await program.repository(signal)
      if (id === null) throw repositoryGone(set, program.where, null)
      await remember(id)
    },
  }
}

/** What changes when another repository takes the place of one in a folder; null where there is none to be seen. */
async function markOf(repository: Restic['repository']): Promise<string | null> {
  if (repository.kind !== 'path') return null
  const found = await stat(join(repository.path, 'config')).catch(() => null)
  return found && [found.dev, found.ino, found.ctimeMs, found.size].join(' ')
}

async function bucketOf(repository: Restic['repository'], secret: ResticParts['secret']): Promise<Storage> {
  if (repository.kind !== 's3') throw new Error('a folder is looked at itself')
  const { accessKey, secretKey, kind, ...more } = repository
  const partBytes = 16 * 1024 * 1024
  return openBucket({ kind, ...more, accessKeyId: accessKey, secretAccessKey: secretKey, partBytes }, secret)
}
