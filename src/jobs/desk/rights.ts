import { commands } from '../../commands/commands.js'
import type { HelpEntry } from '../../commands/reply.js'
import type { Environment, PermittedAct } from '../../releases/catalogue.js'
import type { Standing } from '../../releases/people.js'
import { denied } from '../../releases/permission.js'
import type { DeskParts } from './parts.js'

/** Environments in which this person may do that, in the file's order. */
export function where(parts: DeskParts, act: PermittedAct, standing: Standing | null): Environment[] {
  const now = parts.clock.now()
  return Object.values(parts.catalogue.environments).filter(
    (environment) => denied(act, environment, standing, now) === null,
  )
}

export const visible = (parts: DeskParts, standing: Standing | null) => where(parts, 'view', standing)

/** What this person may say, from the commands' own declarations; all of it or one command's part. */
export function maySay(parts: DeskParts, standing: Standing | null, only?: string): HelpEntry[] {
  return commands
    .filter(({ name }) => only === undefined || name === only)
    .flatMap(({ usages }) => usages)
    .filter(({ right }) => right === null || where(parts, right, standing).length > 0)
    .map(({ usage, summary, example }) => ({ usage, summary, example }))
}
