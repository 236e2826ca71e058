import type { EngineContext } from '../../../backups/engine.js'
import { failed } from '../../../errors.js'
import type { PgBackRestParts } from './engine.js'
import { readInfo } from './info.js'

/** Annotations, which carry the key of a backup. */
const needed = [2, 41] as const

/** Its own check switches a segment and waits until that is in the repository: server, archive and storage in one. */
export async function ready({ tool }: PgBackRestParts, { signal }: EngineContext): Promise<{ summary: string }> {
  const { output } = await tool.run('tell its version', ['version'], signal)
  const [, major = 0, minor = 0] = (/pgBackRest (\d+)\.(\d+)/.exec(output) ?? []).map(Number)
  const version = `${major}.${String(minor).padStart(2, '0')}`
  if (major < needed[0] || (major === needed[0] && minor < needed[1]))
    throw failed('backup-tool-old', `pgBackRest ${version} is too old`, {
      wanted: `pgBackRest ${needed.join('.')} or later`,
      came: output.trim(),
      next: 'Install a newer one.',
    })
  await readInfo(tool, signal)
  await tool.run('have a segment archived', ['check'], signal)
  return { summary: `pgBackRest ${version} reaches the server and its repository; a segment was archived just now` }
}
