import { changed, type Deciding, type Decision, denied, keyed } from './deciding.js'
import { type IncidentView, isDrill, type Update } from './incident.js'
import type { IncidentChange } from './ports.js'
import type { IncidentSettings } from './settings.js'

type Draft = Pick<Update, 'text' | 'phase' | 'audience'>

/** A draft is read by people before anybody outside sees it. */
export function draftUpdate(deciding: Deciding, draft: Draft, key = keyed('draft', deciding)): Decision {
  const { by, now } = deciding
  if (draft.text.trim() === '')
    return denied('update-empty', 'Nothing was drafted.', 'An update says what is true now.', 'Write a sentence.')
  return changed('Drafted. Publish it when somebody has read it.', {
    updates: {
      add: [{ ...draft, text: draft.text.trim(), draftedBy: by, draftedAt: now, publishedBy: null, publishedAt: null }],
    },
    timeline: [{ key, kind: 'update', at: now, by, text: `Drafted an update: ${draft.text.trim()}` }],
    audit: [{ actor: by, act: 'drafted an update', subject: { phase: draft.phase, audience: draft.audience } }],
  })
}

/** Publishes a draft, once; the clock for the next one starts. */
export function publishUpdate(deciding: Deciding, id: number, settings: IncidentSettings): Decision {
  const { view, by, now } = deciding
  const draft = view.updates.find((one) => one.id === id)
  if (!draft)
    return denied('update-unknown', 'Nothing was published.', 'There is no such draft here.', 'Draft one first.')
  if (draft.publishedAt)
    return { kind: 'so already', text: `${draft.publishedBy?.name ?? 'Somebody'} published it already.` }
  const every = settings.severities[view.incident.severity].updateEvery
  const over = view.incident.state !== 'open' || draft.phase === 'resolved'
  const nextUpdate = every === null || over ? null : new Date(now.getTime() + every)
  const key = `update:${id}`
  if (isDrill(view.incident)) return read(deciding, draft, key)
  return changed('Published.', {
    set: { nextUpdate, wakeAt: now },
    updates: { change: [{ id, publishedBy: by, publishedAt: now }] },
    timeline: [{ key, kind: 'update', at: now, by, text: `Published (${draft.phase}): ${draft.text}` }],
    // Stakeholders have one message of an incident, which is drawn from its updates.
    posts: [{ key, to: { kind: 'thread' }, text: `Published (${draft.phase}): ${draft.text}` }],
    audit: [
      { actor: by, act: 'published an update', subject: { update: id, phase: draft.phase, audience: draft.audience } },
    ],
  })
}

/** In a drill the act is rehearsed; without an audience nobody outside is told. */
function read({ by, now }: Deciding, { id, phase, text, audience }: Update, key: string): Decision {
  const said = `Published in the drill, where nobody outside reads it (${phase}): ${text}`
  return changed('Published in the drill: nobody outside reads it.', {
    set: { wakeAt: now },
    updates: { change: [{ id, audience: [], publishedBy: by, publishedAt: now }] },
    timeline: [{ key, kind: 'update', at: now, by, text: said }],
    posts: [{ key, to: { kind: 'thread' }, text: said }],
    audit: [{ actor: by, act: 'published an update in a drill', subject: { update: id, phase, audience } }],
  })
}

/** What the keys of reminders begin with; the promise they are about follows, in milliseconds, and its turn. */
export const reminderPrefix = 'remind:'

/** Whether a reminder is about a promise that was kept or taken back since. */
export const isOutdated = (key: string, { incident }: IncidentView): boolean =>
  key.startsWith(reminderPrefix) && !key.startsWith(`${reminderPrefix}${incident.nextUpdate?.getTime()}:`)

/** Reminders: when three quarters of the time are over, when it is due, and then each time it passes again. */
export function updateReminder(
  view: IncidentView,
  settings: IncidentSettings,
  now: Date,
  onDuty: string | null = null,
): IncidentChange | null {
  const { incident } = view
  const every = settings.severities[incident.severity].updateEvery
  if (incident.state !== 'open' || !incident.nextUpdate || every === null) return null
  const late = now.getTime() - incident.nextUpdate.getTime()
  const turn = late < 0 ? (late >= -every / 4 ? 'soon' : null) : Math.floor(late / every)
  if (turn === null) return null
  const key = `${reminderPrefix}${incident.nextUpdate.getTime()}:${turn}`
  const whom = (holder(view, 'communications') ?? holder(view, 'commander'))?.id ?? onDuty ?? incident.declaredBy.id
  const text =
    late < 0 ? 'The next update is due soon.' : 'The next update is due now: people outside were promised one.'
  return { posts: [{ key, to: { kind: 'thread' }, text, drawing: { name: 'call', data: { person: whom } } }] }
}

/** When the next reminder is due; null when nothing was promised. */
export function nextReminder(view: IncidentView, settings: IncidentSettings, now: Date): Date | null {
  const { incident } = view
  const every = settings.severities[incident.severity].updateEvery
  if (incident.state !== 'open' || !incident.nextUpdate || every === null) return null
  const due = incident.nextUpdate.getTime()
  const soon = due - every / 4
  if (now.getTime() < soon) return new Date(soon)
  if (now.getTime() < due) return new Date(due)
  return new Date(due + (Math.floor((now.getTime() - due) / every) + 1) * every)
}

const holder = ({ incident }: IncidentView, role: string) =>
  incident.roles.find((one) => one.role === role)?.person ?? null
