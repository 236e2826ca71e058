import type { Opening, Pausing } from '../../../backups/swap.js'
import type { PauseSettings } from '../../../releases/backups/restore-policy.js'
import type { OperatorCommand } from '../../../releases/watch.js'
import { runProgram } from '../../commands/program.js'

export type CommandsSettings = Extract<PauseSettings, { driver: 'commands' }>

/** Programs of the operator's file put the application into maintenance and out of it. */
export function createCommandsPausing(settings: CommandsSettings): Pausing {
  const ways: { [how in Opening]: { name: string; command: OperatorCommand | null } } = {
    'read-only': { name: 'read-only', command: settings.readOnly },
    canary: { name: 'canary', command: settings.canary },
    all: { name: 'open', command: settings.open },
  }
  return {
    name: 'commands',
    ready: async () => ({ summary: 'commands of the operator’s file pause the application' }),
    close: async ({ signal }) => ({ summary: said(await runProgram('close', settings.close, signal)) }),
    closeRestored: async () => {},
    open: async (how, { signal }) => {
      const { name, command } = ways[how]
      if (!command) return { summary: 'no command of the operator’s file does this' }
      return { summary: said(await runProgram(name, command, signal)) }
    },
  }
}

const said = (output: string) => output.split('\n').at(-1)?.slice(0, 200) || 'the command ended well'
