import type { Command } from './command.js'
import { versionCommand } from './version-command.js'

/** Without a version: the newest release that does not serve there. Without an environment, when more than one could be meant: a form. */
export const deploy: Command = {
  name: 'deploy',
  summary: 'Bring a release to an environment',
  usages: [
    {
      usage: '/deploy [service] <environment> [version]',
      summary: 'Bring a release to an environment; the newest one when no version is named',
      example: '/deploy prod v1.8.0',
      right: 'deploy',
    },
  ],
  parse: (words, known) => versionCommand('deploy', '/deploy prod v1.8.0', words, known),
}
