import type { Asker } from '../../commands/command.js'
import type { AlertAct } from '../../commands/incident-words.js'
import type { Reply } from '../../commands/reply.js'
import type { Deciding, Decision } from '../../incidents/deciding.js'
import type { GuideHistory } from '../../incidents/drills/rehearsals.js'
import type { Guide } from '../../incidents/guide.js'
import type { Symptoms } from '../../incidents/guides/suggest-guides.js'
import { type IncidentId, type IncidentRecord, type IncidentView, nameOf } from '../../incidents/incident.js'
import type { IncidentReads, IncidentStore } from '../../incidents/ports.js'
import type { Denial } from '../../releases/denial.js'
import type { Standing } from '../../releases/people.js'
import { holds, shownGrant, unproven } from '../../releases/permission.js'
import { type DeskParts, refusal, standingOf } from '../desk/parts.js'

/** Guides by name, the operator's own over the shipped ones. */
export type GuideShelf = {
  all(): Promise<Guide[]>
  /** Those that fit, best first, at most so many: found by their heads, so that an incident waits for no other's steps. */
  fitting(symptoms: Symptoms, most: number): Promise<{ name: string; title: string; why: string }[]>
  /** The guide's text with it: a run keeps what it was started with. */
  take(name: string): Promise<{ guide: Guide; markdown: string } | null>
}

/** What the desk needs for incidents, beside what it needs anyway. */
export type IncidentPorts = {
  store: IncidentStore
  reads: IncidentReads
  guides: GuideShelf
  /** Acts on alerts. */
  alerts: { act(act: AlertAct, asker: Asker): Promise<Reply> }
  /** Calls whoever is on duty, or one person; answers what was done. */
  pages: { page(view: IncidentView, whom: string | null, asker: Asker): Promise<Reply>; onDuty(): Promise<Reply> }
  papers: {
    review(view: IncidentView): Promise<{ name: string; markdown: string }>
    record(view: IncidentView): Promise<{ name: string; markdown: string }>
    metrics(days: number): Promise<Reply>
    /** When a guide was last rehearsed and with which score, and when it was last followed. */
    rehearsed(guide: string): Promise<GuideHistory>
    /** Incidents that are over and were called that, newest first, each with how it was solved. */
    solved(words: string): Promise<string[]>
  }
}

export type IncidentDeskParts = DeskParts & { incidents: IncidentPorts }

export type Right = 'declare' | 'respond' | 'publish'

/** Null when this person may do that to incidents; publishing is for nobody until the operator's file gives it. */
export async function mayNot(parts: DeskParts, right: Right, asker: Asker): Promise<Denial | null> {
  const standing = await standingOf(parts, asker)
  const what = `You may not ${deeds[right]}.`
  const unknown = unproven(standing, parts.clock.now(), what)
  if (unknown || standing === null) return unknown ?? null
  const grant = parts.catalogue.incidents.may[right]
  if (holds(grant, standing)) return null
  return {
    code: 'may-not',
    what,
    why: `The operator's file gives this to ${shownGrant(grant)} (incidents.may.${right}).`,
    next: 'Ask one of them, or ask the operator for the right.',
  }
}

const deeds = { declare: 'open incidents', respond: 'act in incidents', publish: 'publish updates' }

/** A private incident is there for those who were called to it, and for nobody else. */
export async function mayKnow(parts: DeskParts, incident: IncidentRecord, asker: Asker): Promise<boolean> {
  if (!incident.private) return true
  const standing = await standingOf(parts, asker)
  return standing?.barred === null && maySee(parts, incident, standing)
}

export const maySee = (parts: DeskParts, incident: IncidentRecord, standing: Standing): boolean =>
  !incident.private || isCalled(parts, incident, standing)

function isCalled({ catalogue }: DeskParts, incident: IncidentRecord, standing: Standing): boolean {
  const { declaredBy, roles, severity, service } = incident
  const { adminGroup } = catalogue.slack
  const lists = [
    catalogue.incidents.severities[severity].invite,
    service ? catalogue.incidents.services[service] : null,
  ]
  return (
    declaredBy.id === standing.id ||
    roles.some(({ person }) => person?.id === standing.id) ||
    (adminGroup !== null && standing.groups.includes(adminGroup)) ||
    lists.some((list) => list && holds({ ...list, everyone: false }, standing))
  )
}

export const unknownIncident = (id: IncidentId | null): Denial => ({
  code: 'incident-unknown',
  what: id === null ? 'No incident is meant.' : `There is no ${nameOf(id)}.`,
  why:
    id === null ? 'Here is no incident’s channel, and not exactly one incident is open.' : 'It was never opened here.',
  next: 'Say which one by its number: /incident list shows them.',
})

/** The incident that is named, else the one whose channel this is, else the only one that is open. */
export async function meantIncident(
  { incidents }: IncidentDeskParts,
  named: IncidentId | undefined,
  { channel, team }: Asker,
): Promise<IncidentId | null> {
  if (named !== undefined) return named
  const here = channel ? await incidents.store.inChannel(channel) : null
  if (here !== null) return here
  const open = (await incidents.store.list({ state: 'open', limit: 10 })).filter((one) => one.team === team)
  return open.length === 1 ? (open[0]?.id ?? null) : null
}

/** The incident with all that is drawn, or why this person does not get to see it. */
export async function viewFor(
  parts: IncidentDeskParts,
  named: IncidentId | undefined,
  asker: Asker,
): Promise<{ view: IncidentView } | { denial: Denial }> {
  const id = await meantIncident(parts, named, asker)
  const view = id === null ? null : await parts.incidents.store.view(id)
  if (!view || view.incident.team !== asker.team || !(await mayKnow(parts, view.incident, asker)))
    return { denial: unknownIncident(id) }
  return { view }
}

const tries = 12

/**
 * Decides on the incident as it is and writes what was decided; when somebody was faster, decides again on what that
 * made of it, so that the second of two is told what the first one did.
 */
export async function decided(
  parts: IncidentDeskParts,
  id: IncidentId,
  asker: Asker,
  decide: (deciding: Deciding) => Decision | Promise<Decision>,
): Promise<Reply> {
  const { store } = parts.incidents
  for (let again = 0; again < tries; again++) {
    const view = await store.view(id)
    if (!view) return refusal(unknownIncident(id))
    const now = parts.clock.now()
    const decision = await decide({ view, by: asker.actor, now })
    if (decision.kind === 'denied') return refusal(decision.denial)
    if (decision.kind === 'so already') return { kind: 'said', text: decision.text }
    if (await store.write(id, view.incident.version, decision.change, now)) return { kind: 'said', text: decision.text }
  }
  return refusal({
    code: 'incident-busy',
    what: 'Your act was not written.',
    why: `${nameOf(id)} changed ${tries} times while it was tried.`,
    next: 'Try again.',
  })
}
