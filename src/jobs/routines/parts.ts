import type { OnCall } from '../../incidents/paging/rota.js'
import type { RoutineDesk } from '../../releases/routines/ports.js'
import type { Called, Owner } from '../../releases/routines/routine.js'

/** Who is on call for a service; null where nothing says so. */
export type OnCallNow = (service: string, now: Date) => Promise<OnCall | null>

/** What the desk needs for recurring work. */
export type RoutinePorts = { rows: RoutineDesk; onCall: OnCallNow }

/** People and groups by name, and whoever is first on call now; where nobody is, the group of the rota. */
export async function calledFor(owners: Owner[], onCall: OnCallNow, now: Date): Promise<Called> {
  const onDuty = await Promise.all(owners.map((owner) => dutyOf(owner, onCall, now)))
  const all = [...owners, ...onDuty]
  return { people: unique(all.flatMap(({ people }) => people)), groups: unique(all.flatMap(({ groups }) => groups)) }
}

async function dutyOf({ onCall: service }: Owner, onCall: OnCallNow, now: Date): Promise<Called> {
  const found = service === null ? null : await onCall(service, now)
  const first = found?.people[0]
  if (first !== undefined) return { people: [first], groups: [] }
  return { people: [], groups: found?.group ? [found.group] : [] }
}

const unique = (names: string[]): string[] => [...new Set(names)]
