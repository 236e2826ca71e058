import type { IncidentRecord, IncidentState, IncidentView } from '../../incidents/incident.js'
import { nameOf as incidentName, isDrill } from '../../incidents/incident.js'
import type { IncidentSettings } from '../../incidents/settings.js'
import { inOrder, type TimelineEntry } from '../../incidents/timeline.js'
import type { RunView } from '../../runs/run.js'
import { type Message, message, section } from '../blocks.js'
import { lights, signs } from '../cards/signs.js'
import { nameOf } from '../cards/subject.js'
import { incidentCard } from '../incidents/incident-card.js'
import { momentToken } from '../moment.js'
import { link, plural, quote } from '../text.js'

/** One incident as its card shows it, without the buttons: those count on the card alone. */
export function incidentMessage(
  reply: { view: IncidentView; guide: RunView | null },
  settings: IncidentSettings,
  now: Date,
): Message {
  const { text, blocks } = incidentCard(reply.view, { now, settings, guide: reply.guide })
  const shown = blocks
    .filter(({ type }) => type !== 'actions')
    .map((block) => {
      if (block.type !== 'section') return block
      const { accessory: _button, ...rest } = block
      return rest
    })
  return message(text, [...shown, section(placeLine(reply.view.incident))])
}

/** Incidents, one line each. */
export function incidentsMessage(reply: { incidents: IncidentRecord[]; title: string }, now: Date): Message {
  const title = quote(reply.title, 120)
  const lines = reply.incidents.slice(0, 20).map((incident) => incidentLine(incident, now))
  const more = reply.incidents.length - lines.length
  return message(title, [
    section(
      `*${title}*`,
      ...(lines.length > 0 ? lines : ['There are none.']),
      more > 0 ? `… and ${plural(more, 'incident')} more` : null,
    ),
  ])
}

const stateLights: { [state in IncidentState]: string } = {
  open: lights.failed,
  resolved: lights.done,
  archived: lights.still,
  duplicate: lights.still,
}

/** "🔴 INC-31 SEV2 checkout slow · storefront in prod · open · commander Ada, 14:02". */
export function incidentLine(incident: IncidentRecord, now: Date): string {
  const { id, severity, title, state, service, environment, declaredAt, roles, room } = incident
  const where = [service, environment]
    .filter((part) => part !== null)
    .map((part) => quote(part, 40))
    .join(' in ')
  const commander = roles.find(({ role }) => role === 'commander')?.person
  return [
    `${stateLights[state]} ${incidentName(id)} ${isDrill(incident) ? '*DRILL* · ' : ''}*${severity}* ${quote(title, 80)}`,
    where || null,
    state,
    commander ? `commander ${nameOf(commander)}` : state === 'open' ? 'no commander yet' : null,
    channelToken(room.channel),
    `since ${momentToken(declaredAt, now)}`,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

const mostEntries = 25

/** What happened, in order; the newest when there are many, and where all of it is. */
export function timelineMessage(reply: { incident: IncidentRecord; entries: TimelineEntry[] }, now: Date): Message {
  const title = `Timeline of ${incidentName(reply.incident.id)}: ${quote(reply.incident.title, 80)}`
  const entries = inOrder(reply.entries)
  const hidden = Math.max(0, entries.length - mostEntries)
  const lines = entries.slice(hidden).map((entry) => entryLine(entry, now))
  return message(title, [
    section(`*${title}*`, hidden > 0 ? `${plural(hidden, 'entry')} before: /incident review has all of them` : null),
    section(...lines.slice(0, 12)),
    section(...lines.slice(12)),
  ])
}

function entryLine({ at, kind, text, by, data }: TimelineEntry, now: Date): string {
  const address = typeof data.link === 'string' ? ` · ${link(data.link, 'there')}` : ''
  const who = by && kind !== 'declared' && !text.includes(by.name) ? ` (${nameOf(by)})` : ''
  const sign = kind === 'note' || kind === 'pinned' || kind === 'decision' ? '📝' : signs.coming
  return `${momentToken(at, now)} ${sign} ${quote(text.split('\n')[0] ?? '', 200)}${who}${address}`
}

function placeLine({ room }: IncidentRecord): string {
  const channel = channelToken(room.channel)
  if (channel) return `Its card, with the buttons, is in ${channel}.`
  const standIn = channelToken(room.card?.channel ?? null)
  return standIn ? `Its channel is not there yet; meanwhile its card is in ${standIn}.` : 'Its card is on the way.'
}

/** A channel as Slack links it; null where there is none. */
export const channelToken = (id: string | null): string | null => (id && /^[CG][A-Z0-9]+$/.test(id) ? `<#${id}>` : null)
