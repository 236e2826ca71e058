import type { OnCallLine } from '../../commands/reply.js'
import type { Figures, Measures, Span } from '../../incidents/measures/measures.js'
import { shownDuration } from '../../releases/durations.js'
import { plain } from './plain.js'

export function onCallLines(lines: OnCallLine[], now: Date): string[] {
  if (lines.length === 0) return ['The operator’s file names no rota.']
  return lines.map(({ service, people, unknown = [], until, source }) => {
    const left = until ? `, for ${shownDuration(Math.max(1_000, until.getTime() - now.getTime()))} more` : ''
    const named = [...people.map((one) => plain(one)), ...unknown.map((one) => `${plain(one)} (not known to Slack)`)]
    return `${service === null ? 'everything else' : plain(service)}: ${named.join(', ') || 'nobody'}${left} (${plain(source)})`
  })
}

export function measureLines({ all, byService, days, environment, verdict }: Measures): string[] {
  const services =
    byService.length > 1 ? byService.map(({ service, figures }) => `  ${plain(service)}: ${figuresLine(figures)}`) : []
  return [
    `The last ${days} ${days === 1 ? 'day' : 'days'} in ${plain(environment)}: ${plain(verdict)}`,
    figuresLine(all),
    ...services,
  ]
}

function figuresLine({ deploys, failed, leadTime, incidents, toAcknowledge, toResolve }: Figures): string {
  return `deploys ${deploys}, failed ${failed}, built to live ${span(leadTime)}, incidents ${incidents}, acknowledged after ${span(toAcknowledge)}, resolved after ${span(toResolve)}`
}

const span = (one: Span | null): string => (one ? shownDuration(Math.max(1_000, one.median)) : 'nothing to measure')
