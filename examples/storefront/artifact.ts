import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `sha256:…` over the names and contents of a release's files; release.json, which carries it, is left out. */
export function artifactDigest(folder: string): string {
  const whole = createHash('sha256')
  for (const name of filesOf(folder)) {
    const content = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
    whole.update(`${name}\0${content}\n`)
  }
  return `sha256:${whole.digest('hex')}`
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((name) => name.split('\\').join('/'))
    .filter((name) => name !== 'release.json')
    .sort()
}
