import type { Asker } from '../../commands/command.js'
import type { IncidentAct, IncidentPress } from '../../commands/incident-words.js'
import type { Reply } from '../../commands/reply.js'
import type { Deciding, Decision } from '../../incidents/deciding.js'
import { addFix, fixNamed } from '../../incidents/fixes.js'
import type { IncidentView } from '../../incidents/incident.js'
import { markDuplicate } from '../../incidents/merging.js'
import { addTask, note, tickTask } from '../../incidents/notes.js'
import { acknowledge } from '../../incidents/paging/paging.js'
import { archive, reopen, resolve } from '../../incidents/resolving.js'
import { settleSuspect, suspectMeant } from '../../incidents/review/suspects.js'
import { claimRole, handOverRole } from '../../incidents/roles.js'
import { setSeverity } from '../../incidents/severity.js'
import { draftUpdate, publishUpdate } from '../../incidents/updates.js'
import type { Actor } from '../../runs/run.js'
import { refusal } from '../desk/parts.js'
import { declare } from './declaring.js'
import { drill, followGuide, lookAgain, takeStep } from './following.js'
import { decided, type IncidentDeskParts, mayNot, type Right, viewFor } from './parts.js'
import { rollBackSuspect } from './recovering.js'

/** What a person does to an incident: decided here, on the rows as they are, whatever was on the card. */
export async function actOnIncident(parts: IncidentDeskParts, act: IncidentAct, asker: Asker): Promise<Reply> {
  if (act.name === 'declare') return declare(parts, act, asker)
  if (act.name === 'drill') return drill(parts, act, asker)
  const denial = await mayNot(parts, rightFor(act), asker)
  if (denial) return refusal(denial)
  const found = await viewFor(parts, act.incident, asker)
  if ('denial' in found) return refusal(found.denial)
  return done(parts, act, found.view, asker)
}

/** A button: the same acts. */
export async function pressIncident(parts: IncidentDeskParts, press: IncidentPress, asker: Asker): Promise<Reply> {
  switch (press.name) {
    case 'acknowledge alert':
    case 'silence alert':
    case 'declare from alert':
    case 'merge alert':
    case 'duplicate alert':
      return parts.incidents.alerts.act(press, asker)
    case 'declare from run':
      return declare(parts, { name: 'declare', title: '', run: press.run }, asker)
    default:
      return actOnIncident(parts, press, asker)
  }
}

const rightFor = ({ name }: IncidentAct): Right => (name === 'publish' ? 'publish' : 'respond')

type Meant = Exclude<IncidentAct, { name: 'declare' | 'drill' }>

async function done(parts: IncidentDeskParts, act: Meant, view: IncidentView, asker: Asker): Promise<Reply> {
  switch (act.name) {
    case 'guide':
      return followGuide(parts, view, act.guide, asker)
    case 'take':
      return takeStep(parts, view, act.step, asker)
    case 'look again':
      return lookAgain(parts, view, act.step, asker)
    case 'roll back':
      return rollBackSuspect(parts, view, act.run, asker)
    case 'page':
      return parts.incidents.pages.page(view, act.whom ?? null, asker)
    default:
      return decided(parts, view.incident.id, asker, (deciding) => decide(parts, act, deciding, asker))
  }
}

type Decided = Exclude<Meant, { name: 'guide' | 'take' | 'look again' | 'roll back' | 'page' }>

async function decide(parts: IncidentDeskParts, act: Decided, deciding: Deciding, asker: Asker): Promise<Decision> {
  const settings = parts.catalogue.incidents
  switch (act.name) {
    case 'note': {
      const key = act.key ?? `note:${asker.requestKey}`
      const how = { ...(act.kind && { kind: act.kind }), ...(act.link && { link: act.link }) }
      const said = { key, text: act.text, at: act.at ?? deciding.now, ...how }
      return once(parts, deciding, key, () => note(deciding, said))
    }
    case 'severity':
      return setSeverity(deciding, act.severity, settings)
    case 'role':
      if (act.to === undefined) return claimRole(deciding, act.role)
      return handOverRole(deciding, act.role, act.to === null ? null : await personNamed(parts, act.to))
    case 'task':
    case 'follow-up':
      return addedTask(parts, act, deciding, asker)
    case 'fix':
      return namedFix(parts, act, deciding, asker)
    case 'tick':
      return tickTask(deciding, act.task)
    case 'draft':
      return once(parts, deciding, `draft:${asker.requestKey}`, (key) => draftUpdate(deciding, act, key))
    case 'publish':
      return publishUpdate(deciding, act.update, settings)
    case 'settle':
      return settleSuspect(deciding, suspectMeant(deciding.view, act.suspect), act.verdict)
    case 'resolve':
      return resolve(deciding, settings, act.reason)
    case 'reopen':
      return reopen(deciding, settings, act.reason)
    case 'archive':
      return archive(deciding)
    case 'acknowledge':
      return acknowledge(deciding)
    case 'duplicate':
      return markDuplicate(deciding, (await parts.incidents.store.view(act.of))?.incident ?? null, act.of)
  }
}

async function addedTask(
  parts: IncidentDeskParts,
  { name, text, owner }: Extract<IncidentAct, { name: 'task' | 'follow-up' }>,
  deciding: Deciding,
  asker: Asker,
): Promise<Decision> {
  const whose = owner ? await personNamed(parts, owner) : null
  return once(parts, deciding, `task:${asker.requestKey}`, (key) => addTask(deciding, name, text, whose, key))
}

/** It is whoever names it who is told what became of it, where nobody else is named. */
async function namedFix(
  parts: IncidentDeskParts,
  { what, owner }: Extract<IncidentAct, { name: 'fix' }>,
  deciding: Deciding,
  asker: Asker,
): Promise<Decision> {
  const whose = owner ? await personNamed(parts, owner) : asker.actor
  return once(parts, deciding, `fix:${asker.requestKey}`, (key) => addFix(deciding, fixNamed(what), whose, key))
}

/** A request comes again when whoever had it died before it could say that it was done; it adds nothing then. */
async function once(
  { incidents }: IncidentDeskParts,
  { view }: Deciding,
  key: string,
  decide: (key: string) => Decision,
): Promise<Decision> {
  const entries = await incidents.reads.timeline(view.incident.id)
  if (entries.some((entry) => entry.key === key)) return { kind: 'so already', text: 'This is written down already.' }
  return decide(key)
}

/** Somebody who is named by id; whoever Slack does not know keeps the id as name. */
async function personNamed(parts: IncidentDeskParts, id: string): Promise<Actor> {
  const standing = await parts.directory.standing(id).catch(() => null)
  return { kind: 'person', id, name: standing?.name ?? id }
}
