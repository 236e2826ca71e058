import type { Clock } from '../../clock.js'
import type { Asker, Known } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import type { ShipmateError } from '../../errors.js'
import type { JsonObject } from '../../json.js'
import type { Log } from '../../log.js'
import { usersOf } from '../../releases/backups/backup-policy.js'
import { type Catalogue, environmentOf, placedIn } from '../../releases/catalogue.js'
import type { Denial } from '../../releases/denial.js'
import type { Directory, Standing } from '../../releases/people.js'
import type { Deployments, ReleaseSource } from '../../releases/release.js'
import type { Target } from '../../releases/target.js'
import type { Tokens } from '../../releases/tokens.js'
import type { Abilities } from '../../runs/abilities.js'
import type { LockDesk, RunDesk, Wakes } from '../../runs/ports.js'
import type { RunId } from '../../runs/run.js'
import type { Facts } from '../facts.js'
import type { RoutinePorts } from '../routines/parts.js'

/** What the desk needs of the world. */
export type DeskParts = {
  catalogue: Catalogue
  desk: RunDesk
  locks: LockDesk
  wakes: Wakes
  directory: Directory
  deployments: Deployments
  tokens: Tokens
  /** The releases of a service. */
  sources(service: string): ReleaseSource
  /** A target by its name in the operator's file. */
  targets(name: string): Target
  abilities: Pick<Abilities, 'action' | 'check'>
  backups: Facts['backups']
  routines: RoutinePorts
  /** Acts outside any run, newest first. */
  trail: { outside(limit: number): Promise<OutsideAct[]> }
  clock: Clock
  log: Log
}

export type OutsideAct = { at: Date; actor: { id: string } | null; act: string; subject: JsonObject }

/** What planners may look at, at this moment. */
export const factsOf = ({
  catalogue,
  sources,
  targets,
  deployments,
  locks,
  abilities,
  backups,
  desk,
  clock,
}: DeskParts): Facts => ({
  catalogue,
  releases: sources,
  target: targets,
  deployments,
  locks,
  abilities,
  backups,
  runs: desk,
  now: clock.now(),
})

/** The names of the operator's file, for commands. */
export function knownNames(catalogue: Catalogue): Known {
  return {
    services: Object.keys(catalogue.services),
    environments: Object.keys(catalogue.environments),
    placed: (environment) => placedIn(catalogue, environment),
    usual: (environment) => {
      const [first, ...more] = placedIn(catalogue, environment)
      return environmentOf(catalogue, environment)?.defaultService ?? (more.length === 0 ? (first ?? null) : null)
    },
    databases: Object.keys(catalogue.backups).flatMap((name) => {
      const [home] = usersOf(catalogue, name)
      return home ? [{ name, ...home }] : []
    }),
  }
}

/** A declared example with names that the operator's file has. */
export function localExample(
  example: string,
  { environments, services, databases }: Pick<Known, 'environments' | 'services' | 'databases'>,
): string {
  const named = (word: string, names: string[]) => (names.includes(word) ? word : (names[0] ?? word))
  return example
    .replace(/\bprod\b/, (word) => named(word, environments))
    .replace(/\bstorefront\b/, (word) => named(word, services))
    .replace(/\bshop\b/, (word) =>
      named(
        word,
        databases.map(({ name }) => name),
      ),
    )
}

/** Who asks, as Slack says now; null when it cannot be told, which allows nothing. */
export async function standingOf(parts: DeskParts, { actor }: Asker): Promise<Standing | null> {
  if (actor.kind === 'machine')
    return { id: actor.id, name: actor.name, barred: 'a machine', groups: [], zone: null, asOf: parts.clock.now() }
  try {
    return await parts.directory.standing(actor.id)
  } catch (error) {
    parts.log.warn({ person: actor.id, err: error }, 'could not tell who somebody is, so nothing was allowed')
    return null
  }
}

export const refusal = (denial: Denial): Reply => ({ kind: 'refused', refusal: denial })

/** An error's words in the three parts of a refusal. */
export function refusalOf({ code, message, wanted, came, next }: ShipmateError): Reply {
  const sides = [wanted ? `wanted ${wanted}` : '', came ? `came ${came}` : ''].filter((side) => side !== '').join(', ')
  const why = sides === '' ? '' : `${sides.charAt(0).toUpperCase()}${sides.slice(1)}.`
  return refusal({ code, what: message, why, next: next ?? '' })
}

/** The result, or null when it took longer than the people in front can wait. */
export async function within<T>(parts: DeskParts, ms: number, work: Promise<T>): Promise<T | null> {
  const over = new AbortController()
  work.catch(() => {})
  try {
    return await Promise.race([work, parts.clock.sleep(ms, over.signal).then(() => null)])
  } finally {
    over.abort()
  }
}

/** A lost wake costs time and never a run, so it never fails what a person did. */
export async function wake(parts: DeskParts, run: RunId): Promise<void> {
  try {
    await parts.wakes.wake(run)
  } catch (error) {
    parts.log.warn({ run, err: error }, 'could not wake a run; it is found again by the next look around')
  }
}
