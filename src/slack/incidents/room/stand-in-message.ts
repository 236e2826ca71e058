import type { IncidentRecord } from '../../../incidents/incident.js'
import { type Message, message, section } from '../../blocks.js'
import { signs } from '../../cards/signs.js'
import { incidentLine } from '../../replies/incidents.js'
import { plural } from '../../text.js'

/** One message for incidents whose channels are on the way, or were: one line each, and where each goes on. */
export function standInMessage(incidents: IncidentRecord[], now: Date): Message {
  const waiting = incidents.filter(({ state, room }) => state === 'open' && room.channel === null)
  const head = headOf(incidents, waiting.length)
  const lines = incidents.slice(0, 90).map((incident) => incidentLine(incident, now))
  const parts = Array.from({ length: Math.ceil(lines.length / 10) }, (_, at) => lines.slice(at * 10, at * 10 + 10))
  return message(`${head} ${incidents.map(({ id }) => `INC-${id}`).join(', ')}`, [
    section(head, waiting.length > 0 ? workMeanwhile : null),
    ...parts.map((part) => section(...part)),
  ])
}

const workMeanwhile = 'Until then /incident takes their numbers, and what happens is told in this thread.'

function headOf(incidents: IncidentRecord[], waiting: number): string {
  if (waiting === 0)
    return incidents.length === 1
      ? '*An incident has its channel:*'
      : `*${plural(incidents.length, 'incident')}, each in its channel:*`
  const others = `${signs.people} ${plural(waiting, 'incident')} ${waiting === 1 ? 'waits' : 'wait'} for a channel`
  return `*${plural(incidents.length, 'incident')}.* ${others}: Slack lets an app make about 20 a minute.`
}
