import { dueNow } from '../../incidents/due.js'
import { type IncidentId, type IncidentView, isDrill } from '../../incidents/incident.js'
import { isNothing, whatIsNew } from '../../incidents/joined-changes.js'
import { onCallAt } from '../../incidents/paging/rota.js'
import type { IncidentChange } from '../../incidents/ports.js'
import type { KeeperParts } from './keeping.js'

/** How often a write is tried on what others made of the incident meanwhile. */
export const tries = 6

/**
 * Writes the reminders that are due and nothing else, beside the looks: a look may wait for the outside, people who
 * promised news are reminded in time all the same. When the clock rings next is left to the look.
 */
export async function remindOf(parts: KeeperParts, id: IncidentId, stop: AbortSignal): Promise<void> {
  const { store, reads, clock } = parts
  for (let again = 0; again < tries && !stop.aborted; again++) {
    const view = await store.view(id)
    if (!view) return
    const now = clock.now()
    const { set: { wakeAt: _, ...set } = {}, ...due } = dueAt(parts, view, now)
    const change = whatIsNew({ ...due, set }, view, { entries: new Set(), posts: new Set(await reads.posted(id)) })
    if (isNothing(change) || (await store.write(id, view.incident.version, change, now))) return
  }
}

/** What the clock makes due of an incident, and whom it reminds. */
export const dueAt = (parts: KeeperParts, view: IncidentView, now: Date): IncidentChange =>
  dueNow(view, parts.catalogue.incidents, now, onDuty(parts, view, now))

function onDuty({ catalogue }: KeeperParts, { incident }: IncidentView, now: Date): string | null {
  const { onCall, zone } = catalogue
  if (isDrill(incident)) return null
  return (onCall && onCallAt(onCall, zone, incident.service, now)?.people[0]) ?? null
}
