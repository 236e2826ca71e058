import type { Reply } from '../../commands/reply.js'
import type { Figures, Measures, Span } from '../../incidents/measures/measures.js'
import { shownDuration } from '../../releases/durations.js'
import { context, type Message, message, section } from '../blocks.js'
import { escaped, plural, quote } from '../text.js'
import { historyLine } from './guides.js'

/** So much of a document stands in a message; the terminal prints all of it. */
const shownLetters = 9_000
const lettersInBlock = 2_800

/** A document as text that can be copied: its Markdown, cut where a message ends. */
export function documentMessage(
  { title, name, markdown, history }: Extract<Reply, { kind: 'document' }>,
  now: Date,
): Message {
  const shown = markdown.slice(0, shownLetters)
  const parts = Array.from({ length: Math.ceil(shown.length / lettersInBlock) }, (_, at) =>
    section(
      `\`\`\`${escaped(shown.slice(at * lettersInBlock, (at + 1) * lettersInBlock)).replaceAll('```', "'''")}\`\`\``,
    ),
  )
  const rest = markdown.length - shown.length
  const cut =
    rest > 0 ? `… and ${plural(rest, 'letter')} more. The whole of it in a terminal: ` : 'As a file, in a terminal: '
  const said = /^inc-(\d+)-review/.exec(name)?.[1]
  const command = said
    ? `npx shipmate incident review ${said} > ${name}`
    : `npx shipmate ops guide ${name.replace(/\.md$/, '')} > ${name}`
  const head = section(`*${quote(title, 200)}*`, history ? historyLine(history, now) : null)
  return message(title, [head, ...parts, context(`${cut}\`${escaped(command)}\``)])
}

/** The four measures with the time to acknowledge and to resolve, for all and for each service. */
export function metricsMessage({ all, byService, days, environment, verdict, series }: Measures): Message {
  const services = byService.map(({ service, figures }) => `*${quote(service, 60)}*: ${figuresLine(figures)}`)
  return message(verdict, [
    section(`*The last ${plural(days, 'day')} in ${quote(environment, 40)}*`, escaped(verdict)),
    section(figuresLine(all)),
    section(
      `\`${bars(series.map(({ deploys }) => deploys))}\` deploys a day`,
      `\`${bars(series.map(({ failed, incidents }) => failed + incidents))}\` failures and incidents a day`,
    ),
    services.length > 1 ? section(...services) : null,
  ])
}

function figuresLine({
  deploys,
  failed,
  changeFailure,
  leadTime,
  incidents,
  toAcknowledge,
  toResolve,
}: Figures): string {
  return [
    `${plural(deploys, 'deploy')}, ${failed} failed${changeFailure === null ? '' : ` (${Math.round(changeFailure * 100)} %)`}`,
    `built to live ${span(leadTime)}`,
    plural(incidents, 'incident'),
    `acknowledged after ${span(toAcknowledge)}`,
    `resolved after ${span(toResolve)}`,
  ].join(' · ')
}

const span = (one: Span | null): string => (one ? shownDuration(Math.max(1_000, one.median)) : 'nothing to measure')

const steps = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
/** Days that fit a phone's line. */
const mostBars = 30

/** A bar for each of the last days; an empty day is the lowest. */
function bars(values: number[]): string {
  const shown = values.slice(-mostBars)
  const top = Math.max(1, ...shown)
  return shown.map((value) => steps[Math.round((value / top) * (steps.length - 1))] ?? steps[0]).join('')
}
