import type { AlertRecord } from '../../incidents/alert.js'
import { errorContextOf } from '../../incidents/alerts/error-context.js'
import { nameOf as incidentName } from '../../incidents/incident.js'
import { actions, context, type Message, message, section } from '../blocks.js'
import { personToken } from '../cards/call.js'
import { lights, signs } from '../cards/signs.js'
import { leftToken, momentToken } from '../moment.js'
import { duration, link, plural, quote } from '../text.js'
import { incidentButton, incidentFormButton } from './incident-press.js'

/** An alert as people see it: what is wrong where, since when, and what can be done about it here. */
export function alertMessage(alert: AlertRecord, now: Date): Message {
  const head = headOf(alert)
  const place = [alert.service, alert.environment].filter((part) => part !== null).join(' in ')
  const facts = [
    alert.severity,
    place ? quote(place, 80) : null,
    `from ${quote(alert.source, 40)}`,
    alert.notices > 1 ? `${plural(alert.notices, 'notice')}` : null,
    alert.incident === null ? null : `belongs to ${incidentName(alert.incident)}`,
  ].filter((part) => part !== null)
  return message(`${head.replaceAll('*', '').replace(/^\S+ /, '')} ${quote(place, 80)}`, [
    section(head, ...textLines(alert), ...errorLines(alert), standingLine(alert, now)),
    context(
      [...facts, alert.link ? link(alert.link, 'look at it there') : null].filter((part) => part !== null).join(' · '),
    ),
    actions(`alert-${alert.id}`, alert.endedAt ? [] : buttonsOf(alert, now)),
  ])
}

function headOf(alert: AlertRecord): string {
  const title = `*${quote(alert.title, 120)}*`
  if (alert.endedAt)
    return `${lights.done} ${title} is over after ${duration(alert.endedAt.getTime() - alert.startedAt.getTime())}.`
  return `${alert.acknowledgedBy ? lights.people : lights.failed} ${title} fires.`
}

const textLines = ({ text, title }: AlertRecord): string[] =>
  text === title
    ? []
    : text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(0, 5)
        .map((line) => quote(line, 250))

/** Where the error was thrown, with what it was seen, and how many people it hit: what one would look up first. */
function errorLines(alert: AlertRecord): string[] {
  const { frames, code, seenWith, people, times } = errorContextOf(alert)
  const hit = [
    people === null ? null : `${plural(people, 'person', 'people')} hit`,
    times === null ? null : `${plural(times, 'time')} so far`,
  ].filter((part) => part !== null)
  return [
    ...frames.map((frame, at) => `at ${code[at] ? link(code[at], frame, 160) : quote(frame, 160)}`),
    ...(seenWith.length > 0 ? [`Seen with ${quote(seenWith.join(', '), 200)}`] : []),
    ...(hit.length > 0 ? [hit.join(', ')] : []),
  ]
}

function standingLine(alert: AlertRecord, now: Date): string | null {
  if (alert.endedAt) return null
  const since = `Since ${momentToken(alert.startedAt, now)}`
  if (alert.silencedUntil && alert.silencedUntil > now)
    return `${signs.skipped} ${since}; silenced until ${momentToken(alert.silencedUntil, now)} (${leftToken(alert.silencedUntil, now)}).`
  if (alert.acknowledgedBy) return `${signs.people} ${since}; ${personToken(alert.acknowledgedBy)} is looking at it.`
  return `${since}; nobody has it yet.`
}

function buttonsOf(alert: AlertRecord, now: Date) {
  const { id } = alert
  const silenced = alert.silencedUntil !== null && alert.silencedUntil > now
  return [
    ...(alert.acknowledgedBy
      ? []
      : [
          incidentButton(
            'acknowledge-alert',
            'Acknowledge',
            { name: 'acknowledge alert', alert: id },
            { style: 'primary' },
          ),
        ]),
    ...(silenced ? [] : [incidentFormButton('silence', 'Silence…', { alert: String(id) })]),
    ...(alert.incident === null
      ? [incidentButton('declare-alert', 'Declare an incident', { name: 'declare from alert', alert: id })]
      : []),
  ]
}
