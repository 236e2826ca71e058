import type { Asker } from '../../commands/command.js'
import type { IncidentAct } from '../../commands/incident-words.js'
import type { Reply } from '../../commands/reply.js'
import { changed } from '../../incidents/deciding.js'
import { nameOf, type Severity, type Source } from '../../incidents/incident.js'
import { slugOf } from '../../incidents/room.js'
import { placementOf } from '../../releases/catalogue.js'
import { refusal } from '../desk/parts.js'
import { titleOf } from '../desk/wording.js'
import { decided, type IncidentDeskParts, mayNot } from './parts.js'

type Wanted = Extract<IncidentAct, { name: 'declare' }>

const usualSeverity: Severity = 'SEV3'
const longestTitle = 200

/** Opens an incident, once for its request: whoever asks again is told of the one that is there. */
export async function declare(parts: IncidentDeskParts, wanted: Wanted, asker: Asker): Promise<Reply> {
  const denial = await mayNot(parts, 'declare', asker)
  if (denial) return refusal(denial)
  const begun = await beginning(parts, wanted)
  const title = begun.title.trim().slice(0, longestTitle)
  if (title === '')
    return refusal({
      code: 'incident-untitled',
      what: 'No incident was opened.',
      why: 'It needs a sentence on what is wrong.',
      next: 'For example: /incident prod the checkout is slow',
    })
  const { settings, service, environment } = { settings: parts.catalogue.incidents, ...begun }
  const { incident, fresh } = await parts.incidents.store.declare({
    requestKey: begun.requestKey ?? asker.requestKey,
    team: asker.team,
    title,
    service,
    environment,
    severity: wanted.severity ?? usualSeverity,
    private: wanted.private ?? false,
    source: begun.source,
    declaredBy: asker.actor,
    via: asker.via,
    roles: settings.roles,
    slug: wanted.private ? 'private' : slugOf(service, title),
    at: parts.clock.now(),
  })
  const name = nameOf(incident.id)
  // Also when it comes again: whoever had it first may have died before this.
  if (wanted.link) await linked(parts, incident.id, wanted.link, asker)
  if (!fresh) return { kind: 'said', text: `${name} is open for this already: ${incident.title}` }
  return {
    kind: 'said',
    text: `${name} is open (${incident.severity}): ${title}\nIts channel is being made; what changed is being looked at.`,
  }
}

async function linked(parts: IncidentDeskParts, id: number, link: string, asker: Asker): Promise<void> {
  await decided(parts, id, asker, ({ now, by }) => {
    const entry = {
      ...{ key: 'declared from', kind: 'note' as const, at: now, by },
      ...{ text: 'Opened from a message.', data: { link } },
    }
    return changed('', { timeline: [entry] })
  })
}

type Beginning = {
  title: string
  service: string | null
  environment: string | null
  source: Source
  requestKey?: string
}

/** A failed run brings its place and its words; two people who press its button open one incident. */
async function beginning(parts: IncidentDeskParts, wanted: Wanted): Promise<Beginning> {
  const spoken = placed(parts, wanted)
  if (wanted.drill !== undefined)
    return { title: wanted.title, ...spoken, source: { kind: 'drill', guide: wanted.drill } }
  if (wanted.run === undefined) return { title: wanted.title, ...spoken, source: { kind: 'person' } }
  const view = await parts.desk.view(wanted.run)
  if (!view) return { title: wanted.title, ...spoken, source: { kind: 'person' } }
  const { service, environment } = view.run.intent
  const reason = view.run.reason ? `: ${view.run.reason.text}` : ''
  const title = wanted.title || `${titleOf(view.run)} ${view.run.state}${reason}`
  return { title, service, environment, source: { kind: 'run', run: wanted.run }, requestKey: `run:${wanted.run}` }
}

/** A place as far as it was named; the one service of an environment goes without saying. */
function placed({ catalogue }: IncidentDeskParts, { service, environment }: Wanted) {
  const places = Object.values(catalogue.services).flatMap(({ environments }) => Object.values(environments))
  const possible = places.filter(
    (place) => (!service || place.service === service) && (!environment || place.environment === environment),
  )
  const [only] = possible
  if (service && environment && !placementOf(catalogue, service, environment)) return { service, environment: null }
  if (only && possible.length === 1 && (service || environment))
    return { service: only.service, environment: only.environment }
  const usual = environment ? (catalogue.environments[environment]?.defaultService ?? null) : null
  return { service: service ?? usual, environment: environment ?? null }
}
