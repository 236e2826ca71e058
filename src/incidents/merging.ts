import { changed, type Deciding, type Decision, denied } from './deciding.js'
import { type IncidentRecord, nameOf } from './incident.js'

/** The same trouble as another incident: its people are sent there, and it is over. */
export function markDuplicate({ view, by, now }: Deciding, of: IncidentRecord | null, named: number): Decision {
  const { incident } = view
  if (!of || of.id === incident.id)
    return denied(
      'duplicate-of-nothing',
      `${nameOf(incident.id)} was not merged.`,
      of ? 'An incident is no duplicate of itself.' : `There is no ${nameOf(named)}.`,
      'Name the incident that goes on: /incident list shows them.',
    )
  if (of.state === 'duplicate')
    return denied(
      'duplicate-of-duplicate',
      `${nameOf(incident.id)} was not merged.`,
      `${nameOf(of.id)} is itself a duplicate of ${nameOf(of.duplicateOf ?? 0)}.`,
      `Name that one: /incident duplicate ${incident.id} ${of.duplicateOf ?? ''}`,
    )
  if (incident.state === 'duplicate' && incident.duplicateOf === of.id)
    return { kind: 'so already', text: `${nameOf(incident.id)} is a duplicate of ${nameOf(of.id)} already.` }
  const text = `${nameOf(incident.id)} is the same trouble as ${nameOf(of.id)}: ${of.title}.`
  const where = of.room.channel ? `\nGo on there: <#${of.room.channel}>` : ''
  const key = `duplicate:${of.id}`
  return changed(text, {
    set: { state: 'duplicate', duplicateOf: of.id, resolvedAt: now, nextUpdate: null, wakeAt: null },
    timeline: [{ key, kind: 'state', at: now, by, text }],
    posts: [{ key, to: { kind: 'room' }, text: `${text}${where}` }],
    audit: [{ actor: by, act: 'marked as a duplicate', subject: { of: of.id } }],
  })
}
