import { type IncidentRecord, type IncidentView, isDrill, nameOf } from './incident.js'
import type { IncidentSettings, Invited } from './settings.js'

/** What an incident's channel is to look like now; whoever furnishes it compares with what stands. */
export type WantedRoom = {
  name: string
  private: boolean
  topic: string
  bookmarks: { title: string; link: string }[]
  invite: Invited
  /** One line where people expect it; null for nobody: a private incident, or no such channel. */
  notice: { channel: string; text: string } | null
}

/** Longest topic that Slack takes. */
const longestTopic = 250

export function wantedRoom(
  view: IncidentView,
  settings: IncidentSettings,
  links: { title: string; link: string }[],
): WantedRoom {
  const { incident } = view
  return {
    name: incident.room.name,
    private: incident.private,
    topic: topicOf(view).slice(0, longestTopic),
    bookmarks: links,
    invite: invited(incident, settings),
    notice: noticeOf(incident, settings),
  }
}

/** Slack says each change of a topic in the channel, so it names what changes rarely; the gate stands on the card. */
function topicOf({ incident: { id, severity, title, state, roles, source } }: IncidentView): string {
  const commander = roles.find(({ role }) => role === 'commander')?.person?.name
  const named = `${isDrill({ source }) ? 'DRILL · ' : ''}${severity} ${nameOf(id)}: ${[...title].slice(0, 120).join('')}`
  const missing = state === 'open' ? 'no commander yet' : null
  return [named, commander ? `commander ${commander}` : missing, state].filter((part) => part !== null).join(' · ')
}

/** Whoever declared it, those the severity calls, and those who know the service; each once. */
export function invited({ declaredBy, severity, service }: IncidentRecord, settings: IncidentSettings): Invited {
  const lists = [settings.severities[severity].invite, service === null ? null : settings.services[service]]
  const declarer = declaredBy.kind === 'person' ? [declaredBy.id] : []
  return {
    groups: [...new Set(lists.flatMap((list) => list?.groups ?? []))],
    people: [...new Set([...declarer, ...lists.flatMap((list) => list?.people ?? [])])],
  }
}

function noticeOf(incident: IncidentRecord, { channel }: IncidentSettings): WantedRoom['notice'] {
  if (incident.private || !channel) return null
  const where = [incident.service, incident.environment].filter((part) => part !== null).join(' in ')
  return {
    channel,
    text: `${isDrill(incident) ? 'DRILL · ' : ''}${incident.severity} · ${incident.title}${where ? ` · ${where}` : ''} · ${nameOf(incident.id)}`,
  }
}

/** The part of a channel's name that says what it is about: small letters, digits and dashes. */
export function slugOf(service: string | null, title: string): string {
  const words = `${service ?? ''} ${title}`
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return words.slice(0, 60).replace(/-+$/, '') || 'incident'
}
