import { masked } from '../../../../log.js'
import type { MirroredRepository } from '../../../../releases/backups/files-policy.js'
import { type ProgramEnd, runProgram } from '../../programs.js'

export type GitProgram = { program: string; secret?(reference: string): Promise<string> }

/** git with nothing of this machine's settings; every exit code is an answer. `onBytes` gets the output as it is. */
export async function git(
  { program, secret }: GitProgram,
  words: string[],
  signal: AbortSignal,
  { token = null }: Partial<MirroredRepository> = {},
  onBytes?: (part: Buffer) => void,
): Promise<ProgramEnd> {
  // Given as a header in the environment: words of a program can be read by everybody on the machine.
  const basic = token && secret ? Buffer.from(`x-access-token:${await secret(token)}`).toString('base64') : null
  const header = basic && {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  }
  const environment = {
    // Files that were restored may belong to somebody else than we are.
    ...{ GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', HOME: '/nonexistent' },
    ...header,
  }
  return runProgram({
    ...{ program, words: ['-c', 'safe.directory=*', ...words], signal, environment },
    ...(onBytes && { onBytes }),
  })
}

export const said = ({ output, complaints }: ProgramEnd) =>
  masked(`${complaints}\n${output}`.trim()).slice(0, 600) || 'no word'
/** What is wrong before where it was noticed. */
export function saidFirst(ended: ProgramEnd): string {
  const lines = said(ended).split('\n')
  return lines.find((line) => /^(missing|error|fatal)/.test(line)) ?? lines[0] ?? ''
}
