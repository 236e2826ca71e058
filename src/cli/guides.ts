import { type ExitCode, exitCodes } from './exit-codes.js'
import type { Terminal } from './terminal.js'
import type { Workbench } from './workbench.js'

/** Prints what is wrong with guides, one line each as editors read them; ends with `failed` when something is. */
export async function checkGuides(terminal: Terminal, workbench: Workbench, folder?: string): Promise<ExitCode> {
  const { good, mistakes } = await workbench.checkGuides(folder)
  for (const line of mistakes) terminal.out(line)
  terminal.err(`${good} good, ${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`)
  return mistakes.length > 0 ? exitCodes.failed : exitCodes.done
}

/** Prints a runbook that was not written for Shipmate as a guide. */
export async function printImported(terminal: Terminal, workbench: Workbench, file: string): Promise<ExitCode> {
  terminal.out((await workbench.importGuide(file)).trimEnd())
  return exitCodes.done
}
