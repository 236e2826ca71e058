import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Watch } from '../../releases/watch.js'
import { type Action, defineAction } from '../../runs/abilities.js'
import { type At, at } from '../watched/inputs.js'
import { cannotAct, type WatchedParts, watchAt } from '../watched/parts.js'
import { bytes, counted } from '../watched/words.js'

/** Removes old files out of the folders that the operator's file lists, and nothing else. What is gone stays gone: twice is once. */
export const cleanAction = (parts: WatchedParts): Action =>
  defineAction<At>({
    name: 'host.clean',
    input: z.object(at),
    fence: 'none',
    async run(given, { clock, signal, progress }) {
      const folders = watchAt(parts, given)?.clean ?? []
      if (folders.length === 0) throw cannotAct(given, 'clean')
      const total = { files: 0, freed: 0, kept: 0 }
      for (const folder of folders) {
        for await (const file of oldFiles(folder.path, folder, clock.now(), signal)) {
          try {
            await rm(file.path)
            total.files += 1
            total.freed += file.size
          } catch {
            total.kept += 1
          }
          progress({ done: total.files, total: 0, text: `${counted(total.files, 'file')} removed` })
        }
      }
      const summary = `removed ${counted(total.files, 'old file')}, ${bytes(total.freed)}, from ${folders.map(({ path }) => path).join(', ')}`
      const kept = total.kept > 0 ? `; ${counted(total.kept, 'file')} could not be removed` : ''
      return { evidence: { summary: `${summary}${kept}`, value: bytes(total.freed), details: total }, output: total }
    },
  })

type Old = { path: string; size: number }
type Rule = Pick<Watch['clean'][number], 'olderThan' | 'ending'>

/** Links are never followed: they may lead out of the folder. */
async function* oldFiles(folder: string, rule: Rule, now: Date, signal: AbortSignal): AsyncGenerator<Old> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    signal.throwIfAborted()
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* oldFiles(path, rule, now, signal)
    if (!entry.isFile() || (rule.ending !== null && !entry.name.endsWith(rule.ending))) continue
    const { mtimeMs, size } = await lstat(path)
    if (now.getTime() - mtimeMs > rule.olderThan) yield { path, size }
  }
}
