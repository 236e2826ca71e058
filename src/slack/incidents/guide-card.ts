import type { KnownBlock } from '@slack/types'
import { adviceAfter, type Helped, helped } from '../../incidents/guides/helped.js'
import { type GuideStepView, guideSteps, type Standing } from '../../incidents/guides/standing.js'
import { nameOf as incidentName } from '../../incidents/incident.js'
import { hasEnded, type RunView, type StepRecord } from '../../runs/run.js'
import { context, type Message, message, section } from '../blocks.js'
import { lights, signs } from '../cards/signs.js'
import { drillMark, nameOf } from '../cards/subject.js'
import { list, plural, quote } from '../text.js'
import { stepButtons } from './guide-buttons.js'
import { guideTitle } from './guide-standing.js'
import { dryRunLine, whyOf } from './guide-words.js'

const mostDone = 8
const mostCurrent = 4

/** A guide that is followed, as one message: what to do now and why, what it will run, the evidence, the buttons. */
export function guideCard(view: RunView): Message {
  const steps = guideSteps(view)
  const current = steps.filter(({ standing }) => standing === 'current')
  const head = headLine(view, steps)
  const blocks = current.slice(0, mostCurrent).flatMap((step, at) => currentBlocks(view, step, steps, at === 0))
  const more = current.length - mostCurrent
  const ended = hasEnded(view.run.state)
  return message(fallbackOf(head, current), [
    section(head, ended ? endLine(view) : null),
    section(...doneLines(view, steps)),
    ...blocks,
    more > 0 ? context(`… and ${plural(more, 'step')} more at the same time`) : null,
    ended ? null : context(comingLine(steps)),
    context(`${incidentOf(view)} · guide run #${view.run.id}`),
  ])
}

function headLine({ run }: RunView, steps: GuideStepView[]): string {
  const title = `${drillMark(run)}Guide *${quote(guideTitle({ run, steps: [], answers: [] }), 80)}*`
  const done = steps.filter(({ standing }) => standing !== 'current' && standing !== 'coming').length
  if (run.state === 'done') return `${lights.done} ${title} · all ${plural(steps.length, 'step')} gone through`
  if (hasEnded(run.state)) return `${lights.failed} ${title} · ${run.state} after ${plural(done, 'step')}`
  const waits = steps.some(({ records }) =>
    records.some(({ step, state }) => step.verb === 'ask' && state === 'waiting'),
  )
  const at = Math.min(steps.length, done + 1)
  return `${waits ? lights.people : lights.working} ${title} · step ${at} of ${steps.length}`
}

/** What was not done is said beside what was. */
function endLine(view: RunView): string | null {
  const steps = guideSteps(view)
  const of = (standing: Standing) => steps.filter((step) => step.standing === standing).length
  const parts = [
    `${of('done')} done`,
    of('found') > 0 ? `${plural(of('found'), 'finding')}` : null,
    of('skipped') > 0 ? `${of('skipped')} skipped` : null,
    of('failed') > 0 ? `${of('failed')} failed` : null,
  ].filter((part): part is string => part !== null)
  const why = view.run.reason ? ` ${quote(view.run.reason.text, 200)}` : ''
  return `${list(parts)}.${why}`
}

const standingSigns: { [standing in Standing]: string } = {
  done: signs.done,
  found: signs.warning,
  skipped: signs.skipped,
  failed: signs.failed,
  current: signs.running,
  coming: signs.coming,
}

/** One line each, newest last: what proved it, what was found, or why it was skipped. */
function doneLines(view: RunView, steps: GuideStepView[]): string[] {
  const ended = steps.filter(({ standing }) => standing !== 'current' && standing !== 'coming')
  const hidden = Math.max(0, ended.length - mostDone)
  return [
    ...(hidden > 0 ? [`${signs.coming} ${plural(hidden, 'step')} before`] : []),
    ...ended.slice(hidden).map((step) => doneLine(view, steps, step)),
  ]
}

function doneLine(view: RunView, steps: GuideStepView[], step: GuideStepView): string {
  const change = step.standing === 'skipped' ? null : helped(steps, step)
  if (change) return changedLine(view, step, change)
  const words = step.standing === 'skipped' ? skippedWords(step) : endWords(step)
  // A check is often titled by what should be: before what was found, that would say the opposite of it.
  if (step.standing === 'found' && words) return `${standingSigns.found} ${words} · checked: ${quote(step.title, 70)}`
  const title = quote(capital(step.title), 70)
  const colon = title.endsWith('?') ? ' ' : ': '
  return `${standingSigns[step.standing]} ${title}${words ? `${colon}${words}` : ''}`
}

/** Whether a change helped, by what was found before and after it; one that did not says what follows. */
function changedLine({ run }: RunView, step: GuideStepView, { verdict, before, after }: Helped): string {
  const failed = verdict === 'it did not help'
  const isUnsure = verdict === 'whether it helped cannot be told'
  const was = before.value === undefined ? quote(before.summary, 100) : quote(String(before.value), 30)
  const who = [step.answer ? nameOf(step.answer.person) : null, step.run === null ? null : `#${step.run}`]
  const facts = who.filter((part) => part !== null).join(', ')
  const found = `${evidenceWords(after)}, before ${was}`
  const acts = run.plan?.pinned.acts as { [key: string]: { job?: string } } | undefined
  const advice = failed ? ` ${adviceAfter(acts?.[step.key]?.job ?? '')}` : ''
  const title = quote(capital(step.title), 70)
  return `${failed || isUnsure ? signs.warning : signs.done} ${title}${facts ? ` (${facts})` : ''}: *${verdict}*, ${found}.${advice}`
}

function skippedWords({ answer, records }: GuideStepView): string {
  if (answer) return `*skipped* by ${nameOf(answer.person)}${answer.reason ? `, ${quote(answer.reason, 120)}` : ''}`
  const why = records.find(({ evidence }) => evidence)?.evidence?.summary
  return why ? `*skipped*, ${quote(why, 120)}` : '*skipped*, it does not apply'
}

function endWords({ records, answer, run }: GuideStepView): string {
  const [first] = records
  const label =
    first?.step.verb === 'ask' ? first.step.answers.find(({ value }) => value === answer?.answer)?.label : undefined
  const proof = records.findLast(({ step, evidence }) => step.verb === 'check' && evidence)?.evidence
  return [
    answer ? `${quote((label ?? answer.answer).replace(/…$/, ''), 60)} (${nameOf(answer.person)})` : null,
    run === null ? null : `#${run}`,
    proof ? evidenceWords(proof) : null,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

const evidenceWords = ({ summary, value, limit }: NonNullable<StepRecord['evidence']>): string => {
  const isSaid = (figure: string | number) =>
    summary.includes(String(figure)) || (figure === 0 && /\bno\b/i.test(summary))
  const figures = [
    value === undefined || isSaid(value) ? null : quote(String(value), 30),
    limit === undefined || summary.includes(String(limit)) ? null : `limit ${quote(String(limit), 30)}`,
  ].filter((part) => part !== null)
  return `${quote(summary, 160)}${figures.length > 0 ? ` (${figures.join(', ')})` : ''}`
}

function currentBlocks(
  view: RunView,
  step: GuideStepView,
  steps: GuideStepView[],
  first: boolean,
): (KnownBlock | null)[] {
  const taker = step.records.find(({ taken }) => taken !== null)?.taken?.by
  const waiting = step.records.find(({ state }) => state === 'waiting' || state === 'running') ?? step.records[0]
  if (!waiting) return []
  const sign = waiting.step.verb === 'ask' ? signs.people : signs.running
  const before = first ? evidenceBefore(steps, step) : null
  return [
    section(
      `${sign} *${quote(capital(step.title), 120)}*${taker ? ` · ${nameOf(taker)} is on it` : step.run === null ? ' · nobody is on it yet' : ''}`,
      whyOf(view, step),
      dryRunLine(view, step),
      before ? `Before: ${before}` : null,
      lookLine(waiting),
      step.run === null ? null : `It runs as #${step.run}; its own card shows how.`,
    ),
    stepButtons(view, step, { first, taken: taker !== undefined }),
  ]
}

/** What the checks before it found, so that one sees what the act is for. */
function evidenceBefore(steps: GuideStepView[], step: GuideStepView): string | null {
  const before = steps
    .slice(0, steps.indexOf(step))
    .flatMap(({ records }) => records)
    .filter(({ evidence, step: one }) => evidence !== null && one.verb === 'check')
  // What is to show afterwards that it helped, else whatever was looked at last.
  const proofs = step.records.flatMap(({ key }) => /:proof:(.+)$/.exec(key)?.[1] ?? [])
  const proof = before.findLast(({ key }) => proofs.includes(key)) ?? before.at(-1)
  return proof?.evidence ? evidenceWords(proof.evidence) : null
}

function lookLine({ step, state, evidence, progress }: StepRecord): string | null {
  if (step.verb !== 'check') return null
  if (progress) return `${signs.running} ${quote(progress.text, 160)}`
  if (evidence) return `${signs.warning} so far: ${evidenceWords(evidence)}`
  return state === 'running'
    ? `${signs.running} It is being looked at.`
    : `${signs.running} It is looked at again until it passes.`
}

function comingLine(steps: GuideStepView[]): string | null {
  const coming = steps.filter(({ standing }) => standing === 'coming')
  if (coming.length === 0) return null
  const shown = coming.slice(0, 4).map(({ title }) => quote(capital(title), 60))
  const more = coming.length - shown.length
  return `Then: ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(' · ')}`
}

/** A name such as p95 stays as it is written. */
const capital = (words: string): string =>
  words.replace(/^\p{Ll}(?=\p{Ll}*(?:[\s?,:…]|$))/u, (first) => first.toUpperCase())

function incidentOf({ run }: RunView): string {
  const { incident } = run.intent.input
  return typeof incident === 'number' ? incidentName(incident) : 'no incident'
}

function fallbackOf(head: string, current: GuideStepView[]): string {
  const next = current[0] ? ` ${current[0].title}.` : ''
  return `${head.replaceAll('*', '').replace(/^\S+ /, '')}.${quote(next, 200)}`
}
