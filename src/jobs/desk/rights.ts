import { commands } from '../../commands/commands.js'
import type { HelpEntry } from '../../commands/reply.js'
import type { Environment, PermittedAct } from '../../releases/catalogue.js'
import type { Standing } from '../../releases/people.js'
import { denied } from '../../releases/permission.js'
import { type DeskParts, knownNames, localExample } from './parts.js'

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
  const known = knownNames(parts.catalogue)
  return commands
    .filter(({ name }) => only === undefined || name === only)
    .flatMap(({ usages }) => usages)
    .flatMap(({ usage, summary, example, right }) => {
      const environments = right === null ? visible(parts, standing) : where(parts, right, standing)
      if (right !== null && environments.length === 0) return []
      return [{ usage, summary, example: localExample(example, { ...known, environments: environments.map(nameOf) }) }]
    })
}

const nameOf = ({ name }: Environment) => name
