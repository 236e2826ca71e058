import type { Reply } from '../../commands/reply.js'
import type { IncidentId } from '../../incidents/incident.js'

/** What the asker reads, and the incident that it is about now. */
export type AlertAnswer = { reply: Reply; incident: IncidentId | null }

export const said = (text: string, incident: IncidentId | null): AlertAnswer => ({
  reply: { kind: 'said', text },
  incident,
})
