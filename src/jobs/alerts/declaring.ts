import type { Asker } from '../../commands/command.js'
import type { AlertRecord } from '../../incidents/alert.js'
import { declarationOf, joined } from '../../incidents/alerts/folding.js'
import { nameOf } from '../../incidents/incident.js'
import { type AlertAnswer, said } from './answer.js'
import { type AlertParts, changeIncident } from './parts.js'

/** A person opens an incident from an alert; one that the alert has already is the answer. */
export async function declareBy(parts: AlertParts, before: AlertRecord, asker: Asker): Promise<AlertAnswer> {
  const { rows, alerts, book, settings, clock } = parts
  const now = clock.now()
  const alert = (await alerts.alert(before.id)) ?? before
  const has = alert.incident === null ? null : ((await rows.view(alert.incident))?.incident ?? null)
  if (has?.state === 'open') return said(`“${alert.title}” belongs to ${nameOf(has.id)} already.`, has.id)
  const severity = alert.severity ?? 'SEV3'
  const order = declarationOf(alert, null, { team: asker.team, severity, settings, now })
  // The incident it had is over: another one is wanted.
  const requestKey = has ? `${order.requestKey}:${asker.requestKey}` : order.requestKey
  const via = asker.via === 'terminal' ? 'terminal' : 'button'
  const { incident } = await rows.declare({ ...order, requestKey, declaredBy: asker.actor, via })
  await alerts.change(alert.id, { incident: incident.id })
  const every = settings.severities[severity].updateEvery
  await changeIncident(parts, incident.id, (view) => {
    const change = joined(view, alert, { why: 'fires', storm: null, now })
    const promised = every === null ? null : new Date(now.getTime() + every)
    return { ...change, set: { ...change.set, nextUpdate: view.incident.nextUpdate ?? promised } }
  })
  await book.judged(alert.id, { told: 'incident', incident: incident.id }, now)
  return said(`${nameOf(incident.id)} is open: ${alert.title}.`, incident.id)
}
