import type { RunView } from '../../../runs/run.js'
import type { IncidentParts } from './speaking.js'

/** A guide that is followed in an incident: its card stands there, not in a release channel. */
export const isGuide = ({ run }: RunView): boolean =>
  run.intent.job === 'guide' && typeof run.intent.input.incident === 'number'

/** The incident's channel; while it has none, the thread of whatever stands in for it. Null when there is nothing yet. */
export async function guidePlace(
  { rows }: Pick<IncidentParts, 'rows'>,
  { run }: RunView,
): Promise<{ channel: string; thread_ts?: string } | null> {
  const id = run.intent.input.incident
  const room = typeof id === 'number' ? (await rows.view(id))?.incident.room : null
  if (room?.channel) return { channel: room.channel }
  return room?.card ? { channel: room.card.channel, thread_ts: room.card.ts } : null
}
