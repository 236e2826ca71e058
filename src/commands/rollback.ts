import type { Command } from './command.js'
import { versionCommand } from './version-command.js'

/** Without a version: the one that served before. */
export const rollback: Command = {
  name: 'rollback',
  summary: 'Bring back a version that served before',
  usages: [
    {
      usage: '/rollback [service] <environment> [version]',
      summary: 'Bring back a version that served before; the last one when no version is named',
      example: '/rollback prod',
      right: 'rollback',
    },
  ],
  parse: (words, known) => versionCommand('rollback', '/rollback prod', words, known),
}
