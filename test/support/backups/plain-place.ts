import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Span } from '../../../src/backups/backup.js'
import type { BackupSide } from '../desk-world.js'
import { shopText } from '../shop.js'
import { createPlainEngine, type Mood } from './plain-engine.js'
import { createPlainYard } from './plain-yard.js'

/** A database of files with its storage and its yard, all below one folder, and how the world treats them. */
export type PlainPlace = Awaited<ReturnType<typeof openPlainPlace>>

export const foldersIn = (folder: string) => ({
  data: join(folder, 'data'),
  storage: join(folder, 'storage'),
  yard: join(folder, 'yard'),
  moods: join(folder, 'moods'),
})

export function plainSide(folder: string, spans?: () => Span[]): BackupSide {
  const { data, storage, yard, moods } = foldersIn(folder)
  const engine = createPlainEngine({ data, storage, moods }, spans)
  return { engines: async () => engine, yards: async () => createPlainYard(yard, moods) }
}

export async function openPlainPlace(spans?: () => Span[]) {
  const folder = await mkdtemp(join(tmpdir(), 'shipmate-plain-'))
  const folders = foldersIn(folder)
  for (const one of Object.values(folders)) await mkdir(one)
  const write = (table: string, rows: object[]) =>
    writeFile(join(folders.data, `${table}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  await write('customers', [{ id: 1 }, { id: 2 }])
  await write('orders', [{ id: 1, of: 1, at: new Date().toISOString() }])
  return {
    folder,
    ...folders,
    write,
    side: plainSide(folder, spans),
    set: (mood: Mood | 'slow-start') => writeFile(join(folders.moods, mood), ''),
    lift: (mood: Mood | 'slow-start') => rm(join(folders.moods, mood), { force: true }),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The playground's file with a policy for its database; `more` is written below it. */
export const backedUpText = (more = '', may = 'release-managers') =>
  `${shopText
    .replace(/^backups:\n( .*\n)+/m, '')
    .replace(/ {6}(backup|restore):\n( {8}.*\n)+/g, '')
    .replace('      lock:\n        groups: [release-managers, incident-commanders]\n', (lock) => {
      return `${lock}      backup:\n        groups: [${may}]\n      restore:\n        groups: [${may}]\n`
    })}
backups:
  shop:
    engine: { embedded: { storage: { path: /srv/backups } } }
${more}`
