import type { FoundGuide, OnCallLine } from '../../commands/reply.js'
import type { GuideHistory } from '../../incidents/drills/rehearsals.js'
import { pointsOf } from '../../incidents/drills/telling.js'
import { nameOf as incidentName } from '../../incidents/incident.js'
import { actions, type Message, message, section } from '../blocks.js'
import { personToken } from '../cards/call.js'
import { signs } from '../cards/signs.js'
import { incidentButton } from '../incidents/incident-press.js'
import { momentToken } from '../moment.js'
import { list, plural, quote } from '../text.js'

const mostGuides = 6

/** Guides that fit, each with what it is for, whether it was ever rehearsed, and the button that follows it. */
export function guidesMessage(reply: { found: FoundGuide[]; intro: string; solved?: string[] }, now: Date): Message {
  const intro = quote(reply.intro, 300)
  const before = solvedSection(reply.solved ?? [])
  if (reply.found.length === 0) return message(intro, [section(intro || 'There is no such guide.'), before])
  const shown = reply.found.slice(0, mostGuides)
  const more = reply.found.length - shown.length
  return message(`${intro} ${list(shown.map(({ title }) => quote(title, 60)))}`, [
    section(intro),
    ...shown.flatMap((guide) => [
      section(
        `*${quote(guide.title, 80)}* · ${plural(guide.steps, 'step')}${guide.why ? ` · ${quote(guide.why, 100)}` : ''}`,
        quote(guide.summary, 200),
        historyLine(guide.history, now),
      ),
      actions(`guide-${guide.name}`.slice(0, 255), [
        incidentButton(`guide:${guide.name}`.slice(0, 200), 'Follow it', { name: 'guide', guide: guide.name }),
      ]),
    ]),
    section(more > 0 ? `… and ${plural(more, 'guide')} more: /ops guide search <words>` : null),
    before,
  ])
}

const solvedSection = (solved: string[]) =>
  solved.length === 0 ? null : section('*Solved before*', ...solved.map((sentence) => quote(sentence, 300)))

/** When a guide was rehearsed last, and how it went. */
export function historyLine({ drill, followed }: GuideHistory, now: Date): string {
  const used = followed ? ` · followed to its end ${momentToken(followed, now)}` : ''
  if (!drill) return `${signs.warning} never rehearsed${used}`
  return `${signs.done} rehearsed ${momentToken(drill.at, now)}, ${pointsOf(drill)} (${incidentName(drill.incident)})${used}`
}

/** All guides, a line each, those first that need a rehearsal most. */
export function drillsMessage(guides: Pick<FoundGuide, 'name' | 'title' | 'history'>[], now: Date): Message {
  const never = guides.filter(({ history }) => history.drill === null).length
  const head = `${plural(guides.length, 'guide')}, ${never === 0 ? 'all of them rehearsed' : `${never} never rehearsed`}`
  const lines = guides.map(({ name, history }) => `\`${quote(name, 60)}\` ${historyLine(history, now)}`)
  const groups = Array.from({ length: Math.ceil(lines.length / linesOfSection) }, (_, at) =>
    section(...lines.slice(at * linesOfSection, (at + 1) * linesOfSection)),
  )
  return message(`${head}.`, [
    section(`*${head}*`),
    ...groups.slice(0, 8),
    section('Rehearse one: /ops drill slow-application staging'),
  ])
}

const linesOfSection = 15

/** Who is on call, one line a service. */
export function onCallMessage(
  reply: { lines: OnCallLine[]; glass?: { text: string; command: string }[] },
  now: Date,
): Message {
  const lines = reply.lines.map(({ service, people, unknown = [], until, source }) => {
    const named = [...people.map(personToken), ...unknown.map((name) => `${quote(name, 60)} (not known to Slack)`)]
    const who = `${people.length > 0 ? '' : `${signs.warning} `}${list(named) || 'nobody'}`
    const end = until ? `, until ${momentToken(until, now)}` : ''
    return `*${service === null ? 'everything else' : quote(service, 60)}*: ${who}${end} (${quote(source, 60)})`
  })
  const title = 'Who is on call'
  const glass = (reply.glass ?? []).map(({ text, command }) => `${quote(text, 200)} \`${quote(command, 100)}\``)
  return message(title, [
    section(`*${title}*`, ...(lines.length > 0 ? lines : ['The operator’s file names no rota.'])),
    glass.length > 0 ? section(...glass) : null,
  ])
}
