import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { EngineContext } from '../../../backups/engine.js'
import type { PgBackRestParts } from './engine.js'
import { keyAnnotation, readInfo } from './info.js'
import { backupFolder, filesIn } from './repository.js'
import type { Tool } from './tool.js'

const endsByItselfMs = 5_000
const endsWhenAskedMs = 20_000

/** Ends a backup of ours whose worker is gone, and removes half a backup that nobody writes any more. */
export async function clean({ tool }: PgBackRestParts, context: EngineContext): Promise<{ removed: string[] }> {
  const { signal } = context
  const removed: string[] = []
  // Whoever started it is gone, so the kernel has asked it to end already.
  if (!(await becameFree(tool, endsByItselfMs, context))) {
    for (const pid of leftRunning(tool)) {
      process.kill(pid, 'SIGTERM')
      removed.push(`pgBackRest, process ${pid}`)
    }
    // A backup that somebody else takes by hand holds the lock by right: what it writes is not half done.
    if (!(await becameFree(tool, removed.length > 0 ? endsWhenAskedMs : 0, context))) return { removed }
  }
  const { known } = await readInfo(tool, signal)
  const whole = known.map(({ backup }) => backup.label)
  const folders = (await filesIn(tool, backupFolder(tool), signal)).map(({ path }) => path.split('/')[0] ?? '')
  for (const label of new Set(folders)) {
    if (!/^\d{8}-\d{6}F(_\d{8}-\d{6}[DI])?$/.test(label) || whole.includes(label)) continue
    const words = ['repo-rm', '--recurse', `--repo=${tool.settings.repository}`, `${backupFolder(tool)}/${label}`]
    await tool.run(`remove half a backup ${label}`, words, signal)
    removed.push(`half a backup, ${label}`)
  }
  return { removed }
}

async function becameFree(tool: Tool, withinMs: number, { clock, signal }: EngineContext): Promise<boolean> {
  const until = clock.now().getTime() + withinMs
  for (;;) {
    const { busy } = await readInfo(tool, signal)
    if (!busy && leftRunning(tool).length === 0) return true
    if (clock.now().getTime() >= until) return false
    await clock.sleep(200, signal)
  }
}

/** Backups of this stanza that carry a key of ours: nobody else starts any like that. */
function leftRunning({ settings }: Tool): number[] {
  if (!existsSync('/proc/self')) return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 1)
    .filter((pid) => {
      const words = wordsOf(pid)
      return (
        words.includes('backup') &&
        words.includes(`--stanza=${settings.stanza}`) &&
        words.includes(`--config=${settings.config}`) &&
        words.some((word) => word.startsWith(`--annotation=${keyAnnotation}=`))
      )
    })
}

function wordsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
