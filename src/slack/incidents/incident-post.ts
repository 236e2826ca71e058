import { z } from 'zod'
import type { AlertRecord } from '../../incidents/alert.js'
import { type IncidentId, type IncidentView, isDrill, nameOf } from '../../incidents/incident.js'
import type { PendingIncidentPost } from '../../incidents/ports.js'
import { isOutdated } from '../../incidents/updates.js'
import type { JsonObject } from '../../json.js'
import { actions, confirmation, type Message, message, section } from '../blocks.js'
import { personToken } from '../cards/call.js'
import { unstarred } from '../cards/subject.js'
import { escaped, list, plural, quote } from '../text.js'
import { alertMessage } from './alert-message.js'
import { incidentButton, incidentFormButton } from './incident-press.js'

/** What a post may be drawn from beside its words. */
export type PostScene = {
  view: IncidentView | null
  alert(id: number): Promise<AlertRecord | null>
  /** It is read outside the incident's own channel, so it says which incident is meant. */
  elsewhere: boolean
  /** Reminders before it that were not sent, because it says what they said. */
  missed?: number
  now: Date
}

/**
 * A pending post as a message, by the name of its drawing; null when there is nothing left to say. `call` mentions people,
 * `page` does too and asks for a sign, `draft` offers to publish, `alert` is drawn from the alert, `guides` offers guides,
 * `suspect` asks whether it was the cause.
 */
export async function incidentPostMessage(post: PendingIncidentPost, scene: PostScene): Promise<Message | null> {
  const { incident, drawing } = post
  const data = drawing?.data ?? {}
  switch (drawing?.name) {
    case 'call':
      return calling(post, data, scene)
    case 'page':
      return scene.view?.incident.acknowledgedAt ? null : paging(incident, post.text, data)
    case 'draft':
      return draftMessage(scene.view, post.text, data)
    case 'alert': {
      const alert = await scene.alert(shapes.alert.parse(data).alert)
      return alert && alertMessage(alert, scene.now)
    }
    case 'suspect':
      return suspectMessage(incident, post.text, data)
    case 'guides':
      return guidesMessage(incident, post.text, data)
    default:
      return words(incident, post.text, scene.elsewhere)
  }
}

const shapes = {
  people: z.object({ person: z.string().optional(), people: z.array(z.string()).default([]) }),
  draft: z.object({ update: z.number() }),
  alert: z.object({ alert: z.number() }),
  suspect: z.object({ suspect: z.string() }),
  guides: z.object({ guides: z.array(z.object({ name: z.string(), title: z.string(), why: z.string().default('') })) }),
}

function called(data: JsonObject): string {
  const { person, people } = shapes.people.parse(data)
  return list([...(person ? [person] : []), ...people].map(personToken))
}

/** One that is about the next update offers to write it. */
function calling(
  { incident, key, text }: PendingIncidentPost,
  data: JsonObject,
  { view, missed = 0 }: PostScene,
): Message | null {
  if (view && (view.incident.state !== 'open' || isOutdated(key, view))) return null
  const before = missed > 0 ? ` ${plural(missed, 'reminder')} before this could not be sent.` : ''
  const said = `${called(data)}: ${escaped(text)}${before}`
  if (data.about === 'step') return message(unstarred(said), [section(...said.split('\n'))])
  return message(unstarred(said), [
    section(...said.split('\n')),
    actions(`call-${incident}`, [incidentFormButton('update', 'Update…', { incident: String(incident) })]),
  ])
}

function paging(incident: IncidentId, text: string, data: JsonObject): Message {
  const whom = called(data)
  const said = `${whom ? `${whom}: ` : ''}${escaped(text)}`
  const taking = incidentButton('acknowledge', 'I am on it', { name: 'acknowledge', incident }, { style: 'primary' })
  return message(`${nameOf(incident)} ${unstarred(said)}`, [
    section(`*${nameOf(incident)}* ${said.split('\n')[0] ?? ''}`, ...said.split('\n').slice(1)),
    actions(`page-${incident}`, [taking]),
  ])
}

function draftMessage(view: IncidentView | null, text: string, data: JsonObject): Message | null {
  const { update } = shapes.draft.parse(data)
  const draft = view?.updates.find(({ id }) => id === update)
  if (!view || !draft || draft.publishedAt) return null
  const whom = list(draft.audience) || 'this incident alone'
  const readers = isDrill(view.incident)
    ? 'It is a drill: nobody outside reads it.'
    : `People outside read it at once: ${whom}.`
  const confirm = confirmation('Publish it?', readers, 'Publish')
  const publish = { name: 'publish' as const, update, incident: view.incident.id }
  return message(`Draft of an update: ${quote(draft.text, 300)}`, [
    section(
      `*Draft* (${draft.phase}) for ${whom}:`,
      ...draft.text
        .split('\n')
        .slice(0, 20)
        .map((line) => quote(line, 400)),
    ),
    section(escaped(text)),
    actions(`draft-${update}`, [
      incidentButton(`publish:${update}`, 'Publish', publish, { style: 'primary', confirm }),
      incidentFormButton('update', 'Write another…', {
        incident: String(view.incident.id),
        text: draft.text.slice(0, 1000),
      }),
    ]),
  ])
}

function suspectMessage(incident: IncidentId, text: string, data: JsonObject): Message {
  const { suspect } = shapes.suspect.parse(data)
  const settling = (verdict: 'confirmed' | 'cleared') => ({ name: 'settle' as const, suspect, verdict, incident })
  return message(escaped(text), [
    section(...escaped(text).split('\n')),
    actions(`suspect-${incident}`, [
      incidentButton('confirmed', 'It was the cause', settling('confirmed'), { style: 'primary' }),
      incidentButton('cleared', 'It was not', settling('cleared')),
    ]),
  ])
}

function guidesMessage(incident: IncidentId, text: string, data: JsonObject): Message {
  const { guides } = shapes.guides.parse(data)
  const shown = guides.slice(0, 4)
  return message(escaped(text), [
    section(
      ...escaped(text).split('\n'),
      ...shown.map(({ title, why }) => `*${quote(title, 80)}*${why ? `: ${quote(why, 140)}` : ''}`),
    ),
    actions(
      `guides-${incident}`,
      shown.map(({ name, title }, at) => {
        const look = at === 0 ? { style: 'primary' as const } : {}
        return incidentButton(`guide:${name}`, `Follow “${title}”`, { name: 'guide', guide: name, incident }, look)
      }),
    ),
  ])
}

/** Bold and code of our own sentences stay; anything that could mention or link is escaped. */
function words(incident: IncidentId, text: string, elsewhere: boolean): Message {
  const named = elsewhere && !text.includes(nameOf(incident)) ? `*${nameOf(incident)}* · ${text}` : text
  const said = escaped(named)
  return message(unstarred(said), [section(...said.split('\n'))])
}
