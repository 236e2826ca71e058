import type { Gate } from '../commands/reply.js'
import { gateLines } from './drawing/reply-lines.js'
import { type ExitCode, exitCodes } from './exit-codes.js'
import type { Terminal } from './terminal.js'

/** Prints findings, one line each with what to do next, and a verdict; ends with `failed` when one stands in the way. */
export function giveFindings(terminal: Terminal, findings: Gate[], json: boolean): ExitCode {
  const broken = findings.filter(({ outcome }) => outcome === 'fail' || outcome === 'error').length
  const warned = findings.filter(({ outcome }) => outcome === 'warn').length
  const skipped = findings.filter(({ outcome }) => outcome === 'skip').length
  if (json) terminal.out(JSON.stringify({ findings, broken, warned, skipped }, null, 2))
  else {
    for (const line of findings.flatMap(gateLines)) terminal.out(line)
    const good = findings.length - broken - warned - skipped
    terminal.out(`${good} good, ${warned} to look at, ${broken} to mend, ${skipped} not set up`)
  }
  return broken > 0 ? exitCodes.failed : exitCodes.done
}
