import type { KnownBlock } from '@slack/types'
import type { Json } from '../../json.js'
import { masked } from '../../log.js'
import type { RunView, StepRecord } from '../../runs/run.js'
import type { Evidence, StepState } from '../../runs/step.js'
import { type Message, message, section } from '../blocks.js'
import { momentToken } from '../moment.js'
import { duration, quote } from '../text.js'
import { approvalLines } from './approvals.js'
import { changeLine, migrationLine } from './facts.js'
import { headLine } from './head.js'
import { gatesOf, undosOf, workOf } from './parts-of-run.js'
import { beyondTitle } from './said-once.js'
import { gap, signOf } from './signs.js'
import { nameOf, unstarred } from './subject.js'

/** Everything the card has no room for: the error, each gate and step with its evidence, changes, migrations, answers. */
export function detailBlocks(view: RunView, now: Date): KnownBlock[] {
  const headline = view.run.plan?.headline
  const parts = [
    section(headLine(view)),
    section(...errorLines(view)),
    section(
      ...titled(
        'Gates',
        gatesOf(view).flatMap((step) => evidenceLines(step)),
      ),
    ),
    section(...approvalLines(view, now), ...reasonsGiven(view, now)),
    section(
      ...titled(
        'Steps',
        [...workOf(view), ...undosOf(view)].flatMap((step) => evidenceLines(step)),
      ),
    ),
    section(
      ...titled(
        'Changes',
        (headline?.changes ?? []).slice(0, 30).map((change) => changeLine(change, 80, headline?.links?.repository)),
      ),
    ),
    section(...titled('Migrations', (headline?.migrations ?? []).map(migrationLine))),
    section(...identity(view)),
  ]
  return parts.filter((part) => part !== null)
}

/** The same for the thread of the card. */
export function detailsMessage(view: RunView, now: Date): Message {
  return message(`Details of #${view.run.id}: ${unstarred(headLine(view))}`, detailBlocks(view, now))
}

/** What was wanted, what came, the vendor's own words, what to do, and the code to look up. */
function errorLines({ run, steps }: RunView): string[] {
  if (!run.reason) return []
  const { code, text, next, details } = run.reason
  return [
    `*Why*${gap}${quote(text, 600)}`,
    ...(steps.some(({ evidence }) => evidence?.summary === text) ? [] : detailLines(details, text)),
    ...(next ? [`*Next*${gap}${quote(next, 400)}`] : []),
    `Code \`${quote(code, 60)}\``,
  ]
}

function evidenceLines(record: StepRecord): string[] {
  const { step, state, evidence, startedAt, endedAt } = record
  const ms = startedAt && endedAt ? endedAt.getTime() - startedAt.getTime() : 0
  const took = ms >= 1000 ? ` · ${duration(ms)}` : ''
  const told = `${step.title} ${evidence?.summary ?? ''}`
  const found = evidence ? `${quote(beyondTitle(step.title, evidence.summary), 300)}${measured(evidence, told)}` : ''
  const words = found.trim() ? `: ${found.trim()}` : ''
  const next = evidence?.next ? [`   next: ${quote(evidence.next, 300)}`] : []
  return [
    `${signOf(state)} ${quote(step.title, 80)}${stateWord(state)}${took}${words}`,
    ...detailLines(evidence?.details, told).map((line) => `   ${line}`),
    ...next,
  ]
}

/** A passed step says enough with its sign. */
function stateWord(state: StepState): string {
  if (state === 'passed') return ''
  return state === 'pending' ? ' (not begun)' : ` (${state === 'warned' ? 'warning' : state})`
}

function measured({ value, limit }: Evidence, told: string): string {
  if (value === undefined || says(told, String(value))) return ''
  return ` [${quote(String(value), 40)}${limit === undefined ? '' : `, limit ${quote(String(limit), 40)}`}]`
}

/** Without what `told` says already. */
function detailLines(details: { [name: string]: Json } | undefined, told: string): string[] {
  return Object.entries(details ?? {})
    .filter(([, value]) => typeof value === 'object' || !says(told, String(value)))
    .slice(0, 8)
    .map(
      ([name, value]) =>
        `${quote(name, 30)}: ${quote(masked(typeof value === 'string' ? value : JSON.stringify(value)), 300)}`,
    )
}

/** Only whole words: "52" does not say 2. */
const says = (told: string, value: string): boolean => ` ${told.replace(/[,:;()]/g, ' ')} `.includes(` ${value} `)

function reasonsGiven({ answers }: RunView, now: Date): string[] {
  return answers
    .filter(({ reason }) => reason !== '')
    .map(
      ({ person, answer, reason, at }) =>
        `${nameOf(person)} · ${quote(answer, 40)} · ${momentToken(at, now)}: ${quote(reason, 300)}`,
    )
}

function identity({ run }: RunView): string[] {
  return [`Run #${run.id} · plan ${run.planRound} · digest \`${(run.plan?.digest ?? 'none yet').slice(0, 64)}\``]
}

function titled(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`*${title}*`, ...lines]
}
