import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../../src/cli/program.js'
import type { Terminal } from '../../src/cli/terminal.js'
import type { Workbench } from '../../src/cli/workbench.js'
import { systemClock } from '../../src/clock.js'
import type { Command } from '../../src/commands/command.js'

const deploy: Command = {
  name: 'deploy',
  summary: 'Ship a version.',
  usages: [
    {
      usage: '/deploy [service] <environment> [version]',
      summary: 'ship a version',
      example: '/deploy prod v1.8.0',
      right: 'deploy',
    },
  ],
  parse: () => ({ kind: 'problem', text: 'not asked here', example: '' }),
}

export const noWorkbench: Workbench = {
  checkGuides: async () => ({ good: 0, mistakes: [] }),
  importGuide: async () => '',
  examine: async () => [],
  manifest: async () => '',
  takeover: async () => {
    throw new Error('nobody takes over here')
  },
  restoreSelf: async () => {
    throw new Error('nothing is brought back here')
  },
  restoreFiles: async () => {
    throw new Error('nothing is laid out here')
  },
}

/** Types commands into the program in this process, with a home and a working directory of its own. */
export function openTypedTerminal(env: { [name: string]: string }, workbench = noWorkbench) {
  const home = mkdtempSync(join(tmpdir(), 'shipmate-terminal-'))
  const announce = (url: string) => writeFileSync(join(home, 'http.json'), JSON.stringify({ url }))
  const type = async (args: string[], typed: { input?: string; interactive?: boolean; stop?: AbortSignal } = {}) => {
    const out: string[] = []
    const err: string[] = []
    const terminal: Terminal = {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      interactive: typed.interactive ?? false,
      read: async () => typed.input ?? '',
      interrupted: typed.stop ?? new AbortController().signal,
      home,
      env: { SHIPMATE_DIR: home, ...env },
      clock: systemClock,
    }
    const code = await runCli(args, {
      terminal,
      commands: [deploy],
      workbench,
      version: '0.1.0',
      start: async () => {},
    })
    return { code, out: out.join('\n'), err: err.join('\n'), lines: out }
  }
  return { home, announce, type, close: () => rmSync(home, { recursive: true, force: true }) }
}
