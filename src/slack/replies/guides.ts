import { actions, type Message, message, section } from '../blocks.js'
import { personToken } from '../cards/call.js'
import { signs } from '../cards/signs.js'
import { incidentButton } from '../incidents/incident-press.js'
import { momentToken } from '../moment.js'
import { list, plural, quote } from '../text.js'

export type FoundGuide = {
  name: string
  title: string
  summary: string
  steps: number
  rehearsed: Date | null
  why: string
}

const mostGuides = 6

/** Guides that fit, each with what it is for, whether it was ever rehearsed, and the button that follows it. */
export function guidesMessage(reply: { found: FoundGuide[]; intro: string }, now: Date): Message {
  const intro = quote(reply.intro, 300)
  if (reply.found.length === 0) return message(intro, [section(intro || 'There is no such guide.')])
  const shown = reply.found.slice(0, mostGuides)
  const more = reply.found.length - shown.length
  return message(`${intro} ${list(shown.map(({ title }) => quote(title, 60)))}`, [
    section(intro),
    ...shown.flatMap((guide) => [
      section(
        `*${quote(guide.title, 80)}* · ${plural(guide.steps, 'step')}${guide.why ? ` · ${quote(guide.why, 100)}` : ''}`,
        quote(guide.summary, 200),
        guide.rehearsed
          ? `${signs.done} rehearsed ${momentToken(guide.rehearsed, now)}`
          : `${signs.warning} never rehearsed`,
      ),
      actions(`guide-${guide.name}`.slice(0, 255), [
        incidentButton(`guide:${guide.name}`.slice(0, 200), 'Follow it', { name: 'guide', guide: guide.name }),
      ]),
    ]),
    section(more > 0 ? `… and ${plural(more, 'guide')} more: /ops guide search <words>` : null),
  ])
}

/** Who is on call, one line a service. */
export function onCallMessage(
  reply: { lines: { service: string | null; people: string[]; until: Date | null; source: string }[] },
  now: Date,
): Message {
  const lines = reply.lines.map(({ service, people, until, source }) => {
    const who = people.length > 0 ? list(people.map(personToken)) : `${signs.warning} nobody`
    const end = until ? `, until ${momentToken(until, now)}` : ''
    return `*${service === null ? 'everything else' : quote(service, 60)}*: ${who}${end} (${quote(source, 60)})`
  })
  const title = 'Who is on call'
  return message(title, [section(`*${title}*`, ...(lines.length > 0 ? lines : ['The operator’s file names no rota.']))])
}
