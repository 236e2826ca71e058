import { realpathSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { failed } from '../../../../errors.js'
import type { Source } from '../source.js'

/** Folders of this machine as they are: what people uploaded, built assets. */
export function createFoldersSource(folders: string[]): Source {
  const name = folders.length === 1 ? (folders[0] ?? '') : `${folders.length} folders`
  return {
    name,
    whole: false,
    async ready() {
      for (const folder of folders) await isFolder(folder)
    },
    async gather() {
      for (const folder of folders) await isFolder(folder)
      return { roots: folders.map((folder) => realpathSync(folder)), faults: [], notes: [] }
    },
    look: async () => [],
    clear: async () => [],
  }
}

async function isFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null)
  if (found?.isDirectory()) return
  throw failed('backup-source-missing', `There is no folder ${folder} to back up.`, {
    wanted: `a folder ${folder}`,
    came: found ? 'a file' : 'nothing',
    next: 'Look whether it is mounted, or correct the path in the operator’s file.',
  })
}
