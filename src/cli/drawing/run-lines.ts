import { spokenForm } from '../../commands/spoken-form.js'
import { breakingGlass } from '../../releases/approvals.js'
import { shownDuration } from '../../releases/durations.js'
import type { Headline } from '../../runs/plan.js'
import type { StepRecord } from '../../runs/run.js'
import { hasEnded, isOfDrill, type RunRecord, type RunView } from '../../runs/run.js'
import { lockWords } from './line-lines.js'
import { plain } from './plain.js'
import { signOfStep } from './signs.js'

/** What a run is about: "deploy storefront v1.8.0 → prod". */
export function subjectOf(run: RunRecord): string {
  const { job, service, environment, input } = run.intent
  if (job === breakingGlass) return plain(`glass broken for ${service} in ${environment}`)
  if (typeof input.database === 'string')
    return plain([job, input.kind, 'of', input.database].filter(Boolean).join(' '))
  const version = run.plan?.headline.to ?? (typeof input.version === 'string' ? input.version : null)
  const mark = isOfDrill(run) ? 'DRILL' : null
  return plain([mark, job, service, version, '→', environment].filter(Boolean).join(' '))
}

/** One line for a list: number, subject, state, who asked. */
export function runLine(run: RunRecord): string {
  const place = run.state === 'queued' && run.ahead > 0 ? `, ${run.ahead} ahead of it` : ''
  return `#${run.id}  ${subjectOf(run)} · ${run.state}${place} · asked by ${plain(run.requestedBy.name)}`
}

/** All that the card shows, as lines. */
export function runLines(view: RunView, now: Date): string[] {
  const { run } = view
  const plan = run.plan
  return [
    `#${run.id}  ${subjectOf(run)} · ${run.state}`,
    ...(run.reason ? [`  ${plain(run.reason.text)}`] : []),
    ...(run.reason?.next ? [`  ${plain(spokenForm(run.reason.next, 'terminal'))}`] : []),
    ...waitLines(run, now),
    `  asked by ${plain(run.requestedBy.name)}${tookWords(run, now)}`,
    ...(plan ? headLines(plan.headline) : []),
    ...(plan?.observe ? ['  observed only: nothing is carried out here'] : []),
    ...run.planChanges.map((change) => `  changed: ${plain(change)}`),
    ...view.steps.map((step) => `  ${stepLine(step)}`),
    ...view.answers.map((answer) => `  ${plain(answer.person.name)} answered ${plain(answer.answer)}`),
    ...(plan ? [`  plan ${plan.digest.slice(0, 12)}`] : []),
  ]
}

/** Its place in line, and who holds by hand what it waits for. */
function waitLines(run: RunRecord, now: Date): string[] {
  const place = run.state === 'queued' && run.ahead > 0 ? [`  place ${run.ahead + 1} in line`] : []
  return run.lockedBy ? [...place, `  ${plain(run.lockedBy.resource)} is ${lockWords(run.lockedBy, now)}`] : place
}

/** A step with its sign, its state in words and what it found. */
export function stepLine(record: StepRecord): string {
  const { state, step, evidence, progress } = record
  const running = state === 'running' && progress
  // Bytes say themselves how many of how many.
  const count =
    running && progress.total > 0 && !/\d of \d/.test(progress.text) ? `${progress.done} of ${progress.total}, ` : ''
  const more = running ? `${count}${progress.text}` : evidence?.summary
  const took = record.startedAt && record.endedAt ? ` · ${tookBetween(record.startedAt, record.endedAt)}` : ''
  return `${signOfStep(state)} ${plain(step.title)} · ${state}${more ? ` · ${plain(more)}` : ''}${took}`
}

function headLines(headline: Headline): string[] {
  const changes = headline.changes.slice(0, 20)
  const rest = headline.changes.length - changes.length
  return [
    ...(headline.from ? [`  from ${plain(headline.from)}, risk ${headline.risk}`] : [`  risk ${headline.risk}`]),
    ...(headline.links?.compare ? [`  ${plain(headline.links.compare)}`] : []),
    ...headline.notes.map((note) => `  ${plain(note)}`),
    ...changes.map(({ sha, author, subject }) => `  ${plain(sha, 7)} ${plain(subject, 80)} (${plain(author, 40)})`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
    ...headline.migrations.map(({ name, what, safe }) => {
      return `  migration ${plain(name)}: ${plain(what)}${safe ? '' : ', older versions cannot run on it'}`
    }),
    ...(headline.undo ? [`  undo: ${plain(headline.undo)}`] : []),
  ]
}

function tookWords(run: RunRecord, now: Date): string {
  if (!run.startedAt) return ''
  const end = hasEnded(run.state) && run.endedAt ? run.endedAt : now
  return ` · ${hasEnded(run.state) ? 'took' : 'for'} ${tookBetween(run.startedAt, end)}`
}

const tookBetween = (from: Date, to: Date) => shownDuration(to.getTime() - from.getTime())
