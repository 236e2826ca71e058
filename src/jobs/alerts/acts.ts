import type { Asker } from '../../commands/command.js'
import type { AlertAct } from '../../commands/incident-words.js'
import type { AlertRecord } from '../../incidents/alert.js'
import { joined } from '../../incidents/alerts/folding.js'
import { type IncidentId, type IncidentRecord, nameOf } from '../../incidents/incident.js'
import type { Denial } from '../../releases/denial.js'
import { shownDuration } from '../../releases/durations.js'
import type { Actor } from '../../runs/run.js'
import { type AlertAnswer, said } from './answer.js'
import { declareBy } from './declaring.js'
import { type AlertParts, changeIncident } from './parts.js'
import { coversAlert, tendSilences } from './silencing.js'

/** What a person does with an alert: decided on the rows as they are, whatever the message showed. */
export async function actOnAlert(parts: AlertParts, act: AlertAct, asker: Asker): Promise<AlertAnswer> {
  const denial = await parts.may(asker, act.name === 'declare from alert' ? 'declare' : 'respond')
  if (denial) return { reply: { kind: 'refused', refusal: denial }, incident: null }
  const alert = await parts.alerts.alert(act.alert)
  if (!alert)
    return refusedWith({
      code: 'alert-unknown',
      what: 'Nothing was done.',
      why: `There is no alert ${act.alert}.`,
      next: 'Look at the alerts that are there.',
    })
  if (act.name === 'acknowledge alert') return acknowledge(parts, alert, asker.actor)
  if (act.name === 'silence alert') return silence(parts, alert, act.minutes, asker)
  if (act.name === 'declare from alert') return parts.turns.inTurn(() => declareBy(parts, alert, asker))
  if (act.name === 'merge alert') return parts.turns.inTurn(() => merge(parts, alert, act.incident, asker.actor))
  return parts.turns.inTurn(() => duplicate(parts, alert, act.of, asker.actor))
}

async function acknowledge(parts: AlertParts, alert: AlertRecord, by: Actor): Promise<AlertAnswer> {
  const now = parts.clock.now()
  if (alert.endedAt) return said(`“${alert.title}” is over already.`, alert.incident)
  if (alert.acknowledgedBy)
    return said(
      `“${alert.title}” was acknowledged ${ago(alert.acknowledgedAt, now)} ago by ${shown(alert, by)}.`,
      alert.incident,
    )
  await parts.alerts.change(alert.id, { acknowledgedBy: by.id, acknowledgedAt: now })
  await parts.book.acted(alert.id, by, 'acknowledged an alert', now)
  if (alert.incident !== null)
    await changeIncident(parts, alert.incident, ({ incident }) => ({
      set: incident.state === 'open' && incident.acknowledgedAt === null ? { acknowledgedAt: now, wakeAt: now } : {},
      timeline: [
        {
          key: `alert:${alert.id}:acknowledged`,
          kind: 'alert',
          at: now,
          by,
          text: `${by.name} acknowledged ${alert.title}.`,
        },
      ],
      audit: [{ actor: by, act: 'acknowledged an alert', subject: { alert: alert.id } }],
    }))
  return said(`You have “${alert.title}” now.`, alert.incident)
}

const ago = (at: Date | null, now: Date) => shownDuration(now.getTime() - (at ?? now).getTime())
const shown = (alert: AlertRecord, by: Actor) => (alert.acknowledgedBy === by.id ? 'you' : `<@${alert.acknowledgedBy}>`)

const longestSilence = 7 * 24 * 60

async function silence(parts: AlertParts, alert: AlertRecord, minutes: number, asker: Asker): Promise<AlertAnswer> {
  const { silences, alerts, book, outside, clock } = parts
  const now = clock.now()
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > longestSilence)
    return refusedWith({
      code: 'silence-length',
      what: `“${alert.title}” was not silenced.`,
      why: 'A silence is 1 minute to 7 days long.',
      next: 'Choose another length.',
    })
  const endsAt = new Date(now.getTime() + minutes * 60_000)
  const there = outside !== null && alert.source === 'alertmanager'
  const by = asker.actor
  const key = `act:${asker.team}:${asker.requestKey}`
  const reason = `${by.name} silenced ${alert.title}`
  const order = { key, covers: coversAlert(alert), by, reason, run: null, startsAt: now, endsAt }
  const made = await silences.make({ ...order, outside: there ? 'wanted' : 'none' })
  await alerts.change(alert.id, { silencedUntil: made.endsAt })
  await book.acted(alert.id, by, 'silenced an alert', now)
  const { made: told } = await tendSilences(parts)
  if (alert.incident !== null)
    await changeIncident(parts, alert.incident, () => ({
      timeline: [
        {
          key: `silence:${made.id}`,
          kind: 'alert',
          at: now,
          by,
          text: `${by.name} silenced ${alert.title} for ${shownDuration(minutes * 60_000)}.`,
        },
      ],
      audit: [{ actor: by, act: 'silenced an alert', subject: { alert: alert.id, minutes } }],
    }))
  const outsideWords = !there
    ? ''
    : told > 0
      ? ' Alertmanager is silent about it too.'
      : ' Alertmanager could not be told yet; that is tried again.'
  return said(`“${alert.title}” is silenced for ${shownDuration(minutes * 60_000)}.${outsideWords}`, alert.incident)
}

/** A person says where an alert belongs. */
async function merge(parts: AlertParts, alert: AlertRecord, id: IncidentId, by: Actor): Promise<AlertAnswer> {
  const view = await parts.rows.view(id)
  if (view?.incident.state !== 'open') return notOpen(id, view?.incident ?? null, alert)
  if (alert.incident === id) return said(`“${alert.title}” belongs to ${nameOf(id)} already.`, id)
  const now = parts.clock.now()
  if (alert.incident !== null) await leave(parts, alert, id, by, now)
  await parts.alerts.change(alert.id, { incident: id })
  await changeIncident(parts, id, (at) => {
    const change = joined(at, alert, { why: 'belongs to it', storm: null, now })
    return { ...change, audit: [{ actor: by, act: 'merged an alert', subject: { alert: alert.id } }] }
  })
  await parts.book.judged(alert.id, { told: 'incident', incident: id }, now)
  return said(`“${alert.title}” belongs to ${nameOf(id)} now.`, id)
}

const leave = (parts: AlertParts, alert: AlertRecord, to: IncidentId, by: Actor, now: Date) =>
  changeIncident(parts, alert.incident ?? 0, () => ({
    set: { wakeAt: now },
    timeline: [
      {
        key: `alert:${alert.id}:left:${to}`,
        kind: 'alert',
        at: now,
        by,
        text: `${by.name} moved ${alert.title} to ${nameOf(to)}.`,
      },
    ],
  }))

async function duplicate(parts: AlertParts, alert: AlertRecord, of: number, by: Actor): Promise<AlertAnswer> {
  const other = await parts.alerts.alert(of)
  if (!other || of === alert.id)
    return refusedWith({
      code: 'alert-unknown',
      what: `“${alert.title}” is marked as a duplicate of nothing.`,
      why: other ? 'An alert is no duplicate of itself.' : `There is no alert ${of}.`,
      next: 'Name the alert that is the same trouble.',
    })
  const now = parts.clock.now()
  const open = other.incident === null ? null : ((await parts.rows.view(other.incident))?.incident ?? null)
  const merged = open?.state === 'open' ? await merge(parts, alert, open.id, by) : null
  await parts.book.judged(alert.id, { told: merged ? 'incident' : 'nobody', duplicateOf: of }, now)
  await parts.book.acted(alert.id, by, 'marked an alert as a duplicate', now)
  return said(`“${alert.title}” counts as a duplicate of “${other.title}”.`, merged?.incident ?? null)
}

const notOpen = (id: IncidentId, incident: IncidentRecord | null, alert: AlertRecord): AlertAnswer =>
  refusedWith({
    code: 'incident-not-open',
    what: `“${alert.title}” was not merged.`,
    why: incident ? `${nameOf(id)} is ${incident.state}.` : `There is no ${nameOf(id)}.`,
    next: incident ? 'Reopen it first, or declare a new one.' : 'Look at /incident list.',
  })

const refusedWith = (refusal: Denial): AlertAnswer => ({ reply: { kind: 'refused', refusal }, incident: null })
