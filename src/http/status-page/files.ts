import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PublicFile } from './page.js'

/** Writes what changed into the folder of a static host, each file whole or not at all; answers which were written. */
export async function writeFiles(folder: string, files: readonly PublicFile[]): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const written: string[] = []
  for (const { name, body } of files) {
    const path = join(folder, name)
    if ((await readFile(path, 'utf8').catch(() => null)) === body) continue
    const fresh = join(folder, `.${name}.${process.pid}.new`)
    await writeFile(fresh, body, { flush: true })
    await rename(fresh, path)
    written.push(name)
  }
  return written
}
