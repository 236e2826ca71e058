import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { failed } from '../../../errors.js'

/**
 * Small files that are brought together to be stored: each under its own path, with its content even where it is reached by
 * a link. They are removed again after the backup.
 */
export type Stage = {
  root: string
  begin(): Promise<void>
  /** Throws `backup-source-missing`. */
  copy(path: string): Promise<Buffer>
  write(name: string, content: string): Promise<void>
  /** Where a staged file is found in a backup: the end of its path. */
  placeOf(path: string): string
  clear(): Promise<string[]>
}

export function createStage(work: string): Stage {
  const root = join(work, 'staged')
  const clear = async () => {
    const there = await stat(root).catch(() => null)
    await rm(root, { recursive: true, force: true })
    return there ? [root] : []
  }
  return {
    root,
    async begin() {
      await clear()
      await mkdir(root, { recursive: true, mode: 0o700 })
    },
    async copy(path) {
      const [content, { mtime }] = await contentOf(path)
      const at = join(root, path)
      await mkdir(dirname(at), { recursive: true, mode: 0o700 })
      await writeFile(at, content, { mode: 0o600 })
      await utimes(at, mtime, mtime)
      return content
    },
    async write(name, content) {
      const at = join(root, name)
      await mkdir(dirname(at), { recursive: true, mode: 0o700 })
      await writeFile(at, content, { mode: 0o600 })
    },
    placeOf: (path) => join('/staged', path),
    clear,
  }
}

export async function contentOf(path: string): Promise<[content: Buffer, about: { mtime: Date }]> {
  try {
    return [await readFile(path), await stat(path)]
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw failed('backup-source-missing', `${path} cannot be read, so nothing was stored.`, {
      wanted: 'a file that Shipmate may read',
      came: code === 'ENOENT' ? 'nothing' : code === 'EACCES' ? 'it may not' : String(code),
      next: 'Look whether it is there and who may read it, or correct the path in the operator’s file.',
      cause,
    })
  }
}

/** What is under it in a backup, wherever it was staged. */
export const stagedIn = (paths: string[], place: string): string | null =>
  paths.find((path) => path.endsWith(place)) ?? null
