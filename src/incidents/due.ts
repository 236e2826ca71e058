import type { IncidentView } from './incident.js'
import type { IncidentChange } from './ports.js'
import type { IncidentSettings } from './settings.js'
import { nextReminder, updateReminder } from './updates.js'

/** While an incident is open its checks are looked at so often; milliseconds. */
const lookEvery = 30_000

/**
 * What an incident's clock makes due at this moment, and when it is to ring again. A clock that rang late, or twice,
 * does the same: each message has its key. `onDuty` is reminded where nobody on the card has the role.
 */
export function dueNow(
  view: IncidentView,
  settings: IncidentSettings,
  now: Date,
  onDuty: string | null = null,
): IncidentChange {
  if (view.incident.state !== 'open') return { set: { wakeAt: null } }
  const nextUpdate = view.incident.nextUpdate ?? firstPromise(view, settings)
  const promised = { ...view, incident: { ...view.incident, nextUpdate } }
  const reminder = updateReminder(promised, settings, now, onDuty)
  const next = [new Date(now.getTime() + lookEvery), nextReminder(promised, settings, now)].flatMap((at) => at ?? [])
  const wakeAt = new Date(Math.min(...next.map((at) => at.getTime())))
  return { ...reminder, set: { wakeAt, ...(view.incident.nextUpdate === nextUpdate ? {} : { nextUpdate }) } }
}

/** Whoever opened it, people outside hear of it in time. Once something was published, what was published promises. */
function firstPromise({ incident, updates }: IncidentView, settings: IncidentSettings): Date | null {
  const every = settings.severities[incident.severity].updateEvery
  const told = updates.some(({ publishedAt }) => publishedAt !== null)
  if (every === null || told || incident.private) return null
  return new Date(incident.declaredAt.getTime() + every)
}
