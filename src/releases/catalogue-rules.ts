import type { CatalogueFile } from './catalogue-schema.js'
import { nearest } from './nearest.js'
import { backupMistakes } from './sections/backed-up.js'
import { breakGlassMistakes } from './sections/break-glass.js'
import { routineMistakes } from './sections/routines.js'
import { taggingMistakes } from './sections/tagging.js'
import { watchMistakes } from './sections/watched.js'

/** One thing wrong in the operator's file: where, what was wanted, what came, what to do. */
export type Mistake = {
  path: (string | number)[]
  wanted: string
  /** Left out: the value as it is written in the file. */
  came?: string
  next: string
  /** Points at the key instead of its value. */
  atKey?: boolean
}

/** What a schema cannot see: names that name nothing, limits that contradict each other, quorums nobody can meet. */
export function mistakesBetween(file: CatalogueFile): Mistake[] {
  return [
    ...placementMistakes(file),
    ...watchMistakes(file, unknownName),
    ...backupMistakes(file, unknownName),
    ...taggingMistakes(file, unknownName),
    ...environmentMistakes(file),
    ...targetMistakes(file),
    ...sharedNames(file),
    ...strayServices(file),
    ...routeNames(file),
    ...routineMistakes(file, unknownName),
  ]
}

function placementMistakes(file: CatalogueFile): Mistake[] {
  const routes = new Map<string, string>()
  return Object.entries(file.services).flatMap(([service, { environments }]) =>
    Object.entries(environments).flatMap(([environment, place]) => {
      const path = ['services', service, 'environments', environment]
      return [
        ...unknownName([...path], environment, 'an environment', Object.keys(file.environments), true),
        ...unknownName([...path, 'target'], place.target, 'a target', Object.keys(file.targets)),
        ...instanceMistakes(path, place),
        ...shareMistakes(path, place.shares),
        ...routeMistakes(path, `${place.target}:${service}-${environment}`, routes),
      ]
    }),
  )
}

type PlaceInFile = CatalogueFile['services'][string]['environments'][string]

function instanceMistakes(path: string[], place: PlaceInFile): Mistake[] {
  if (place.maxInstances === undefined || place.instances <= place.maxInstances) return []
  return [
    {
      path: [...path, 'maxInstances'],
      wanted: `at least the ${place.instances} of instances`,
      next: 'Raise maxInstances or lower instances.',
    },
  ]
}

function shareMistakes(path: string[], shares: number[]): Mistake[] {
  const at = shares.findIndex((share, index) => index > 0 && share <= (shares[index - 1] ?? 0))
  if (at < 0) return []
  return [
    { path: [...path, 'shares', at], wanted: 'a larger share than the one before it', next: 'Sort them: [10, 50].' },
  ]
}

// The proxy knows a service in an environment by one name, so "a-b" in "c" and "a" in "b-c" would share traffic.
function routeMistakes(path: string[], route: string, taken: Map<string, string>): Mistake[] {
  const other = taken.get(route)
  taken.set(route, path.join('.'))
  if (other === undefined) return []
  const came = `the same name on the target as ${other}`
  return [{ path, wanted: 'a name of its own on the target', came, next: 'Rename one of them.', atKey: true }]
}

function environmentMistakes(file: CatalogueFile): Mistake[] {
  return Object.entries(file.environments).flatMap(([name, environment]) => {
    const path = ['environments', name]
    const placed = Object.keys(file.services).filter((service) => file.services[service]?.environments[name])
    const { defaultService } = environment
    return [
      ...(defaultService === undefined
        ? []
        : unknownName([...path, 'defaultService'], defaultService, `a service placed in ${name}`, placed)),
      ...Object.entries(environment.approvals).flatMap(([act, policy]) =>
        policy ? quorumMistakes([...path, 'approvals', act], policy) : [],
      ),
      ...breakGlassMistakes(name, environment),
    ]
  })
}

type PolicyInFile = CatalogueFile['environments'][string]['approvals']['deploy']

function quorumMistakes(path: string[], policy: PolicyInFile): Mistake[] {
  const people = new Set(policy.people).size
  if (policy.quorum === 0 || policy.groups.length > 0 || people >= policy.quorum) return []
  const who = people === 0 ? 'nobody' : people === 1 ? '1 person' : `${people} people`
  return [
    {
      path: [...path, 'quorum'],
      wanted: 'a quorum that the people listed can meet',
      came: `${policy.quorum} of ${who}`,
      next: 'Lower quorum, or add people or groups.',
    },
  ]
}

function targetMistakes(file: CatalogueFile): Mistake[] {
  return Object.entries(file.targets).flatMap(([target, { hosts }]) =>
    hosts.flatMap((host, at) =>
      hosts.findIndex((other) => other.name === host.name) === at
        ? []
        : [
            {
              path: ['targets', target, 'hosts', at, 'name'],
              wanted: 'a host name that no other host of the target has',
              next: 'Rename one of them.',
            },
          ],
    ),
  )
}

// "/deploy shop" could not be understood when both a service and an environment are called shop.
function sharedNames(file: CatalogueFile): Mistake[] {
  return Object.keys(file.environments)
    .filter((name) => Object.hasOwn(file.services, name))
    .map((name) => ({
      path: ['environments', name],
      wanted: 'a name that no service has',
      came: `"${name}", which is a service too`,
      next: 'Rename one of them.',
      atKey: true,
    }))
}

/** Services that are named beside `services`, such as whose rota is whose. */
function strayServices(file: CatalogueFile): Mistake[] {
  const known = Object.keys(file.services)
  const keyed = [
    ['onCall', Object.keys(file.onCall?.services ?? {})],
    ['pagerduty', Object.keys(file.pagerduty?.services ?? {})],
  ] as const
  return [
    ...keyed.flatMap(([section, names]) =>
      names.flatMap((one) => unknownName([section, 'services', one], one, 'a service', known, true)),
    ),
    ...(file.statusPage?.components ?? []).flatMap(({ service }, at) =>
      unknownName(['statusPage', 'components', at, 'service'], service, 'a service', known),
    ),
  ]
}

function unknownName(path: (string | number)[], word: string, what: string, known: string[], atKey = false): Mistake[] {
  if (known.includes(word)) return []
  const meant = nearest(word, known)
  const next = meant
    ? `Did you mean "${meant}"?`
    : known.length > 0
      ? `There are: ${known.join(', ')}.`
      : 'Add it first.'
  return [{ path, wanted: what, came: `"${word}", which does not exist`, next, atKey }]
}

/** An alert that is routed to a name nobody knows would never meet its incident. */
function routeNames(file: CatalogueFile): Mistake[] {
  return file.alerts.routes.flatMap(({ service, environment }, at) => {
    const path = ['alerts', 'routes', at]
    return [
      ...(service === undefined
        ? []
        : unknownName([...path, 'service'], service, 'a service', Object.keys(file.services))),
      ...(environment === undefined
        ? []
        : unknownName([...path, 'environment'], environment, 'an environment', Object.keys(file.environments))),
    ]
  })
}
