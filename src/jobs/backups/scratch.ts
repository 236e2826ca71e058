import type { ScratchYard } from '../../backups/engine.js'
import type { Yards } from '../../backups/ports.js'
import type { Log } from '../../log.js'
import type { RunDesk } from '../../runs/ports.js'
import { hasEnded } from '../../runs/run.js'

/** What a scratch folder is made for: the run comes first, whatever a yard makes of the rest. */
export const scratchKey = (run: number): string => `${run}/scratch`

/** The run that a scratch is of; null for what is none of ours. */
export function runOf(key: string): number | null {
  const digits = /^(\d{1,15})(?=\D|$)/.exec(key)?.[1]
  return digits === undefined ? null : Number(digits)
}

/** Removes whatever is left of a run here; answers how much that was. */
export async function clearScratch(yard: ScratchYard, run: number): Promise<number> {
  const own = (await yard.left()).filter(({ key }) => runOf(key) === run)
  for (const { folder } of own) await yard.remove(folder)
  return own.length
}

/**
 * Removes scratch servers whose run is over or was never there. Each worker does so on its own machine: whoever was
 * killed may go on elsewhere.
 */
export async function tendScratch(
  { yards, runs, log }: { yards: Yards; runs: Pick<RunDesk, 'view'>; log: Log },
  databases: string[],
): Promise<string[]> {
  const gone: string[] = []
  for (const database of databases) {
    try {
      const yard = await yards(database)
      for (const { key, folder } of await yard.left()) {
        const run = runOf(key)
        const view = run === null ? null : await runs.view(run)
        if (run === null || (view && !hasEnded(view.run.state))) continue
        await yard.remove(folder)
        gone.push(folder)
        log.warn({ database, run, folder }, 'a scratch server that no live run owns was removed')
      }
    } catch (thrown) {
      log.warn({ database, err: thrown }, 'what scratch restores left could not be looked at; it is tried again')
    }
  }
  return gone
}
