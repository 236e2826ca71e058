import { execFile } from 'node:child_process'
import { failed, ShipmateError, timedOut } from '../../errors.js'
import { masked } from '../../log.js'
import type { OperatorCommand } from '../../releases/watch.js'
import { secondsShown } from '../watched/words.js'

// Nothing of Shipmate's own environment, which holds its secrets; where programs are, and a language that can be parsed.
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }
const mostOutput = 256 * 1024

/** Runs a program with the arguments that the operator's file fixes, never through a shell; the end of what it said. */
export function runProgram(name: string, { run, within }: OperatorCommand, signal: AbortSignal): Promise<string> {
  const [program = '', ...words] = run
  return new Promise((resolve, reject) => {
    const options = { env: environment, cwd: '/', timeout: within, maxBuffer: mostOutput, signal }
    execFile(program, words, options, (error, stdout, stderr) => {
      const said = masked(`${stdout}\n${stderr}`.trim()).slice(-1500)
      if (error === null) return resolve(said)
      reject(problem(name, error, said, within, signal))
    })
  })
}

type Ended = Error & { code?: number | string | null; killed?: boolean }

function problem(name: string, error: Ended, said: string, within: number, signal: AbortSignal): ShipmateError {
  if (signal.aborted) return new ShipmateError('stopped', 'command-stopped', `the command ${name} was broken off`)
  const more = { came: said || error.message.split('\n')[0] || 'nothing', next: `Look at what ${name} says.` }
  if (error.killed)
    return timedOut('command-slow', `the command ${name} did not end within ${secondsShown(within / 1000)}`, more)
  const how =
    typeof error.code === 'number' ? `ended with ${error.code}` : `could not be run (${error.code ?? 'unknown'})`
  return failed('command-failed', `the command ${name} ${how}`, more)
}
