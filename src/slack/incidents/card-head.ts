import { type IncidentRecord, type IncidentView, nameOf as incidentName } from '../../incidents/incident.js'
import { lights, signs } from '../cards/signs.js'
import { nameOf } from '../cards/subject.js'
import { leftToken, momentToken } from '../moment.js'
import { duration, link, list, percent, quote } from '../text.js'
import type { IncidentScene } from './incident-card.js'
import { reviewLine } from './review/words.js'

/** The first line: how bad, what, and how it stands now. */
export function headLine({ incident }: Pick<IncidentView, 'incident'>, now: Date): string {
  const { severity, title, state, source } = incident
  const what = `${source.kind === 'drill' ? '*DRILL* · ' : ''}*${severity}* · *${quote(title, 90)}*`
  switch (state) {
    case 'open':
      return `${lights.failed} ${what} · open since ${momentToken(incident.declaredAt, now)}`
    case 'resolved':
      return `${lights.done} ${what} · resolved after ${lasted(incident)}`
    case 'archived':
      return `${lights.still} ${what} · archived, it took ${lasted(incident)}`
    case 'duplicate':
      return `${lights.still} ${what} · the same trouble as ${incident.duplicateOf ? incidentName(incident.duplicateOf) : 'another incident'}`
  }
}

/** The second: what is broken for whom, and what is due next. */
export function nowLines(view: IncidentView, scene: IncidentScene): (string | null)[] {
  const { incident } = view
  if (incident.state === 'duplicate')
    return [incident.duplicateOf ? `It goes on in ${incidentName(incident.duplicateOf)}.` : 'It goes on there.']
  const review = reviewLine(incident.room.review)
  if (incident.state === 'archived') return ['Nothing more is expected of anybody.', review]
  if (incident.state === 'resolved') return [impactLine(view, scene.now), review ?? 'The review can be written now.']
  return [impactLine(view, scene.now) ?? lookingLine(view, scene.now), dueLine(incident, scene.now)]
}

/** Where it is, its number, and where it came from. */
export function factLine({ incident }: Pick<IncidentView, 'incident'>): string {
  const where = [incident.service, incident.environment].filter((part) => part !== null).map((part) => quote(part, 40))
  const came = {
    person: `declared by ${nameOf(incident.declaredBy)}`,
    run: 'run' in incident.source ? `declared from #${incident.source.run}` : '',
    alert: 'declared from an alert',
    drill: 'a drill: nothing is broken',
  }[incident.source.kind]
  return [
    incidentName(incident.id),
    where.length > 0 ? where.join(' in ') : 'place not known yet',
    came,
    incident.private ? `${signs.warning} private: only who was invited sees it` : null,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

const lasted = ({ declaredAt, resolvedAt, archivedAt }: IncidentRecord): string =>
  duration(((resolvedAt ?? archivedAt)?.getTime() ?? declaredAt.getTime()) - declaredAt.getTime())

function impactLine({ incident: { impact, state } }: IncidentView, now: Date): string | null {
  if (!impact) return null
  const shares = [
    impact.requests === null ? null : `${percent(impact.requests)} of requests`,
    impact.users === null ? null : `${percent(impact.users)} of users`,
  ].filter((part): part is string => part !== null)
  const told = impact.text.includes('%') ? [] : shares
  const since = impact.since ? `, ${state === 'open' ? 'since' : 'from'} ${momentToken(impact.since, now)}` : ''
  const text = state === 'open' ? impact.text : impact.text.replace(/^Back to usual; /, '')
  const words = quote(text, 300).replace(/\.$/, '')
  const said = state === 'open' ? `Now: ${words}` : `${words.charAt(0).toUpperCase()}${words.slice(1)}`
  return `${said}${told.length > 0 ? ` (${list(told)})` : ''}${since}.`
}

const lookingFor = 60_000
/** By then what can be measured has been. */
const measuring = 10_000

function lookingLine({ incident, suspects }: IncidentView, now: Date): string {
  if (now.getTime() - incident.declaredAt.getTime() < (suspects.length === 0 ? lookingFor : measuring))
    return `${signs.running} Looking at what changed, what fires and what is slow.`
  return 'How many people it hits is not known.'
}

function dueLine({ nextUpdate, roles }: IncidentRecord, now: Date): string | null {
  if (!nextUpdate) return null
  const whom =
    roles.find(({ role }) => role === 'communications')?.person ??
    roles.find(({ role }) => role === 'commander')?.person
  const by = whom ? ` by ${nameOf(whom)}` : ''
  const late = nextUpdate <= now
  const when = `${momentToken(nextUpdate, now)} (${leftToken(nextUpdate, now)})`
  return late ? `${signs.warning} The next update was due ${when}${by}.` : `Next update due ${when}${by}.`
}

/** Evidence that is an address becomes a link that says where it leads; a moment in it is the reader's own. */
export function evidenceWord(text: string, now: Date): string {
  if (URL.canParse(text) && /^https?:\/\//.test(text)) return link(text, new URL(text).host)
  const parts = text.split(/(\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/)
  if (parts.length === 1) return quote(text, 120)
  return parts.map((part, at) => (at % 2 === 1 ? momentToken(new Date(part), now) : spaced(part))).join('')
}

/** Quoting takes the spaces at the ends away, which stand between words and moments here. */
const spaced = (text: string): string =>
  `${/^\s/.test(text) ? ' ' : ''}${quote(text, 120)}${/\s$/.test(text) && text.trim() !== '' ? ' ' : ''}`
