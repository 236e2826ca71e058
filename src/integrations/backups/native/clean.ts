import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineContext } from '../../../backups/engine.js'
import { entriesOf } from './catalogue.js'
import { backupsFolder, catalogueFolder, type NativeParts } from './parts.js'

const endsWithinMs = 20_000
const endsByItselfMs = 3_000

/** Ends a tool whose worker is gone, and removes whatever has no entry in the catalogue. */
export async function clean(parts: NativeParts, context: EngineContext): Promise<{ removed: string[] }> {
  const folder = backupsFolder(parts)
  const removed: string[] = []
  // Whoever started it is gone, so the kernel has asked it to end already.
  if (!(await becameFree(folder, endsByItselfMs, context))) {
    for (const pid of writingIn(folder)) {
      process.kill(pid, 'SIGTERM')
      removed.push(`pg_basebackup, process ${pid}`)
    }
    await becameFree(folder, endsWithinMs, context)
  }
  const whole = (await entriesOf(parts)).map(({ backup }) => backup.label)
  for (const name of await namesIn(folder)) {
    if (whole.includes(name)) continue
    if (!/^\d{8}-\d{6}[FDI](\.taking)?$/.test(name)) continue
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5 })
    removed.push(`half a backup, ${name}`)
  }
  for (const name of (await namesIn(catalogueFolder(parts))).filter((one) => one.endsWith('.writing')))
    await rm(join(catalogueFolder(parts), name), { force: true })
  return { removed }
}

const namesIn = async (folder: string): Promise<string[]> => (existsSync(folder) ? readdir(folder) : [])

async function becameFree(folder: string, withinMs: number, { clock, signal }: EngineContext): Promise<boolean> {
  const until = clock.now().getTime() + withinMs
  while (writingIn(folder).length > 0) {
    if (clock.now().getTime() >= until) return false
    await clock.sleep(100, signal)
  }
  return true
}

/** Only our tools are given this folder to write in. */
function writingIn(folder: string): number[] {
  if (!existsSync('/proc/self')) return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 1)
    .filter((pid) => wordsOf(pid).some((word) => word.startsWith(`--pgdata=${folder}/`)))
}

function wordsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
