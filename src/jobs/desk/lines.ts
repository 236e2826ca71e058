import type { Query } from '../../commands/command.js'
import type { PlaceLine, Reply } from '../../commands/reply.js'
import { type Environment, placedIn, resourceOf } from '../../releases/catalogue.js'
import { inLine, isByHand } from '../../releases/locks.js'
import type { Standing } from '../../releases/people.js'
import type { LockHolder } from '../../runs/ports.js'
import { mayActFor, type Places } from './locking.js'
import type { DeskParts } from './parts.js'
import { visible, where } from './rights.js'

/** Who holds what, and who waits for it. */
export async function locks(
  parts: DeskParts,
  { environment }: Extract<Query, { name: 'locks' }>,
  standing: Standing,
): Promise<Reply> {
  const shown = visible(parts, standing).filter(({ name }) => environment === undefined || name === environment)
  const places = await placeLines(
    parts,
    shown.map((one) => allOf(parts, one)),
    standing,
  )
  const inside = environment === undefined ? '' : ` in ${environment}`
  return {
    kind: 'lines',
    title: `Locks${inside}`,
    none: `Nothing is locked${inside}. To lock a place: /ops lock ${environment ?? shown[0]?.name ?? 'prod'} for 2h because …`,
    places: places.filter(({ holder }) => holder !== null),
  }
}

/** Who stands in line, with every place that is asked about, also where nobody waits. */
export async function queue(
  parts: DeskParts,
  { environment, service }: Extract<Query, { name: 'queue' }>,
  standing: Standing,
): Promise<Reply> {
  const shown = visible(parts, standing).filter(({ name }) => environment === undefined || name === environment)
  const about = shown
    .map((one) => allOf(parts, one))
    .map((one) => (service ? { ...one, services: one.services.filter((name) => name === service) } : one))
  const places = await placeLines(parts, about, standing)
  const named = [service, environment].filter(Boolean).join(' in ')
  const busy = places.filter(({ working, waiting }) => working !== null || waiting.length > 0)
  return {
    kind: 'lines',
    title: named === '' ? 'Lines' : `The line of ${named}`,
    none: `Nobody waits${named === '' ? '' : ` for ${named}`}, and nothing is at work there.`,
    places: environment === undefined ? busy : places.filter((place) => place.holder !== null || busy.includes(place)),
  }
}

/** Each place that this person may see. */
export const everyPlace = (parts: DeskParts, standing: Standing | null): Promise<PlaceLine[]> =>
  placeLines(
    parts,
    visible(parts, standing).map((one) => allOf(parts, one)),
    standing,
  )

const allOf = (parts: DeskParts, environment: Environment): Places => ({
  environment,
  services: placedIn(parts.catalogue, environment.name),
  named: null,
})

/** More than that live at once are counted, not shown. */
const mostLive = 1_000

/** Each place with who holds it and who waits, as it is now. */
export async function placeLines(
  parts: DeskParts,
  asked: Places | Places[],
  standing: Standing | null,
): Promise<PlaceLine[]> {
  const [live, holders] = await Promise.all([parts.desk.list({ live: true, limit: mostLive }), parts.locks.holders()])
  const lockable = new Set(where(parts, 'lock', standing).map(({ name }) => name))
  const now = parts.clock.now()
  return [asked].flat().flatMap(({ environment, services }) =>
    services.map((service): PlaceLine => {
      const resource = resourceOf(service, environment.name)
      const held = holders.find((one) => one.resource === resource && (one.run !== null || isByHand(one, now))) ?? null
      const line = inLine(live, resource)
      const mayGive = held?.run === null && lockable.has(environment.name) && mayActFor(parts.catalogue, held, standing)
      return {
        service,
        environment: environment.name,
        holder: held,
        working: line.find(({ id }) => id === held?.run) ?? null,
        waiting: line.filter(({ id }) => id !== held?.run),
        clear: held && clearWords(held, service, environment.name, standing),
        mayHandOver: mayGive,
      }
    }),
  )
}

function clearWords({ run, by }: LockHolder, service: string, environment: string, standing: Standing | null): string {
  if (run !== null) return `It goes when #${run} ends. To stop that: /ops cancel ${run}`
  const own = by.id === standing?.id
  return `To clear it: /ops unlock ${service} ${environment}${own ? '' : ' because …'}`
}
