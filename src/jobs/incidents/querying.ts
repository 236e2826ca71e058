import type { Asker } from '../../commands/command.js'
import type { IncidentQuery } from '../../commands/incident-words.js'
import type { FoundGuide, Reply } from '../../commands/reply.js'
import { searchGuides } from '../../incidents/guides/search-guides.js'
import type { IncidentRecord } from '../../incidents/incident.js'
import { inOrder } from '../../incidents/timeline.js'
import { shownDuration } from '../../releases/durations.js'
import { isNobody, shownGrant, unproven } from '../../releases/permission.js'
import { refusal, standingOf } from '../desk/parts.js'
import { shownGuide } from './following.js'
import { type IncidentDeskParts, mayKnow, viewFor } from './parts.js'

/** Looking at incidents and guides: open to every full member, but for private incidents. */
export async function queryIncidents(parts: IncidentDeskParts, wanted: IncidentQuery, asker: Asker): Promise<Reply> {
  const denial = unproven(await standingOf(parts, asker), parts.clock.now(), 'You may not look around here.')
  if (denial) return refusal(denial)
  switch (wanted.name) {
    case 'incidents':
      return incidents(parts, wanted.all, asker)
    case 'guides':
      return guides(parts, wanted.words)
    case 'guide':
      return guide(parts, wanted.guide)
    case 'drills':
      return drills(parts)
    case 'on call':
      return onCall(parts)
    case 'metrics':
      return parts.incidents.papers.metrics(wanted.days)
    default:
      return one(parts, wanted, asker)
  }
}

type About = Extract<IncidentQuery, { name: 'incident' | 'timeline' | 'review' | 'record' }>

async function one(parts: IncidentDeskParts, wanted: About, asker: Asker): Promise<Reply> {
  const found = await viewFor(parts, wanted.incident, asker)
  if ('denial' in found) return refusal(found.denial)
  const { view } = found
  if (wanted.name === 'incident') return { kind: 'incident', view, guide: await shownGuide(parts, view) }
  if (wanted.name === 'timeline') {
    const entries = inOrder(await parts.incidents.reads.timeline(view.incident.id))
    return { kind: 'timeline', incident: view.incident, entries }
  }
  if (wanted.name === 'record') {
    const title = `Recovery record of INC-${view.incident.id}: ${view.incident.title}`
    return { kind: 'document', title, ...(await parts.incidents.papers.record(view)) }
  }
  const paper = await parts.incidents.papers.review(view)
  return { kind: 'document', title: `Review of INC-${view.incident.id}: ${view.incident.title}`, ...paper }
}

/** Who is called, and what is left when nobody answers. */
async function onCall({ incidents, catalogue }: IncidentDeskParts): Promise<Reply> {
  const reply = await incidents.pages.onDuty()
  const breakable = Object.values(catalogue.environments).filter(
    ({ may, mode }) => mode === 'act' && !isNobody(may.breakGlass),
  )
  const glass = breakable.map(({ name, may, breakGlass }) => {
    const time = shownDuration(breakGlass.longest)
    const text = `Nobody answers? ${shownGrant(may.breakGlass)} may decide alone in ${name} for ${time} at most:`
    return { text, command: `/ops break-glass ${name} because …` }
  })
  return reply.kind === 'on call' ? { ...reply, glass } : reply
}

const shown = 20

async function incidents(parts: IncidentDeskParts, all: boolean, asker: Asker): Promise<Reply> {
  const found = await parts.incidents.store.list({ ...(all ? {} : { state: 'open' as const }), limit: 5 * shown })
  const own = found.filter(({ team }) => team === asker.team)
  const known = await Promise.all(own.map(async (one) => ((await mayKnow(parts, one, asker)) ? one : null)))
  const title = all ? 'The latest incidents' : 'Open incidents'
  return {
    kind: 'incidents',
    title,
    incidents: known.filter((one): one is IncidentRecord => one !== null).slice(0, shown),
  }
}

async function guides(parts: IncidentDeskParts, words: string): Promise<Reply> {
  const shelf = await parts.incidents.guides.all()
  const found = words.trim() === '' ? shelf.map((one) => ({ guide: one, why: '' })) : searchGuides(words, shelf)
  const intro =
    words.trim() === ''
      ? 'These are the guides. Follow one in an incident: /incident guide slow-application'
      : found.length === 0
        ? `No guide speaks of "${words}". /ops guide lists all of them.`
        : `Guides for "${words}":`
  const listed = await Promise.all(
    found.slice(0, shown).map(
      async ({ guide, why }): Promise<FoundGuide> => ({
        name: guide.name,
        title: guide.title,
        summary: guide.summary,
        steps: guide.steps.length,
        why,
        history: await parts.incidents.papers.rehearsed(guide.name),
      }),
    ),
  )
  const solved = words.trim() === '' ? [] : await parts.incidents.papers.solved(words)
  return { kind: 'guides', intro, found: listed, solved }
}

async function guide(parts: IncidentDeskParts, name: string): Promise<Reply> {
  const taken = await parts.incidents.guides.take(name)
  if (!taken) return guides(parts, name.replaceAll('-', ' '))
  const history = await parts.incidents.papers.rehearsed(name)
  return { kind: 'document', title: taken.guide.title, name: `${name}.md`, markdown: taken.markdown, history }
}

/** Every guide with its last rehearsal; those that were never rehearsed first. */
async function drills({ incidents }: IncidentDeskParts): Promise<Reply> {
  const shelf = await incidents.guides.all()
  const all = await Promise.all(
    shelf.map(async ({ name, title }) => ({ name, title, history: await incidents.papers.rehearsed(name) })),
  )
  const when = ({ history }: (typeof all)[number]) => history.drill?.at.getTime() ?? 0
  return { kind: 'drills', guides: all.sort((a, b) => when(a) - when(b) || (a.name < b.name ? -1 : 1)) }
}
