import { lostWindow } from '../../backups/restored.js'
import { hasEnded, type RunRecord, type RunView, type StepRecord } from '../../runs/run.js'
import { tally } from '../../runs/tally.js'
import { lockLine, placeOf } from '../locks/lock-line.js'
import { leftToken, momentToken, secondToken } from '../moment.js'
import { plural, quote } from '../text.js'
import { glassLines, isGlass } from './glass.js'
import { isObserved, took } from './head.js'
import { type AskRecord, isApproval, openAsk, undosOf } from './parts-of-run.js'
import { migrationsStay } from './roll-back-text.js'
import { changeOf, nameOf, subjectOf } from './subject.js'
import { worldOf } from './world.js'

/** The lines under the head: what happens next, or what people can do. `ahead`: what stands before it in the line. */
export function nextLines(view: RunView, ahead: RunRecord[], now: Date): string[] {
  const { run } = view
  if (isGlass(view)) return glassLines(view, now)
  if (hasEnded(run.state)) return endedLines(view, now)
  if (run.stopRequested)
    return [
      `${nameOf(run.stopRequested.by)} asked to stop it: ${quote(run.stopRequested.reason || 'no reason given', 200)}`,
      'What was done so far is put back.',
    ]
  if (run.state === 'queued') return queueLines(run, ahead, now)
  if (run.state === 'planning') return ['Gathering facts and checking gates. Nothing runs yet.']
  if (run.state === 'undoing') return undoingLines(view)
  const ask = openAsk(view)
  if (ask && isApproval(ask.step)) return [...askedLines(run, ask), approvalLine(view, ask, now)]
  if (ask) return [quote(ask.step.question, 300)]
  if (run.state === 'waiting')
    return [...lockedLines(run, now, capital(why(view))), ...advice(view), 'It goes on by itself.']
  return []
}

function queueLines(run: RunRecord, ahead: RunRecord[], now: Date): string[] {
  const place = queueLine(run, ahead)
  return run.lockedBy ? [place, ...lockedLines(run, now, '')] : [place]
}

function queueLine(run: RunRecord, ahead: RunRecord[]): string {
  if (run.ahead === 0)
    return run.lockedBy ? 'Next in line, when the lock has ended.' : 'Next in line. Planning starts in a moment.'
  const before = ahead.at(-1)
  const behind = before ? `behind #${before.id} (${changeOf(subjectOf(before))})` : `behind ${plural(run.ahead, 'run')}`
  return `Place ${run.ahead + 1} in line, ${behind}. It is planned when its turn comes.`
}

/** Who holds by hand what it waits for, as it is now; else the words it parked with. */
function lockedLines({ lockedBy }: RunRecord, now: Date, otherwise: string): string[] {
  if (!lockedBy) return [otherwise]
  const clear = `/ops unlock ${lockedBy.resource.split('/').join(' ')}`
  return [
    `${capital(placeOf(lockedBy.resource))} is ${lockLine(lockedBy, now)}`,
    `To end the lock: \`${quote(clear, 100)}\``,
  ]
}

/** What is approved in the middle of a run is no longer its plan, so it is said. */
const askedLines = ({ startedAt }: RunRecord, { step }: AskRecord): string[] =>
  startedAt === null ? [] : [`*${quote(step.question, 300)}*`]

function approvalLine(view: RunView, ask: AskRecord, now: Date): string {
  const until = ask.deadline ? `, until ${momentToken(ask.deadline, now)} (${leftToken(ask.deadline, now)})` : ''
  return `Waiting for ${plural(missing(view, ask, now), 'more approval', 'more approvals')}${until}.`
}

/** How many answers an open approval still needs. */
export function missing(view: RunView, ask: AskRecord, now: Date): number {
  const answers = view.answers.filter(({ round }) => round === ask.round)
  const result = tally(ask.step, answers, view.run.plan?.digest ?? '', ask.deadline, now)
  return result.kind === 'open' ? result.missing : 0
}

function undoingLines(view: RunView): string[] {
  const next = undosOf(view).find(({ state }) => state === 'running' || state === 'pending')
  return [capital(why(view)), next ? `Putting back: ${quote(next.step.title, 120)}.` : null].filter(
    (line): line is string => line !== null,
  )
}

function endedLines(view: RunView, now: Date): string[] {
  if (view.run.state === 'done') return doneLines(view, now)
  if (isObserved(view))
    return [`${subjectOf(view.run).environment} is in observe mode. The steps below would have run.`]
  const lines = [endedLine(view), ...remains(view), ...advice(view)]
  return lines.filter((line) => line !== '')
}

function doneLines(view: RunView, now: Date): string[] {
  const { from, job } = subjectOf(view.run)
  const lost = job === 'restore' ? lostWindow(view) : null
  // How long it took says the line with its figures, from the moment it was asked for.
  if (lost)
    return [
      `What was written from ${secondToken(lost.from, now)} to ${secondToken(lost.until, now)} is only in the kept data.`,
    ]
  const time = took(view)
  const replaced = from && job !== 'scale' ? `It replaced ${from}` : null
  const words = [replaced, time ? (replaced ? `in ${time}` : `It took ${time}`) : null].filter((part) => part !== null)
  return words.length > 0 ? [`${words.join(' ')}.`] : []
}

/** Only the fixed words for an end are used; an undone run also says after how long. */
function endedLine(view: RunView): string {
  const { state, stopRequested, reason } = view.run
  const rejected = reason?.code === 'rejected' ? view.answers.findLast(({ answer }) => answer === 'reject') : undefined
  if (rejected) return `Refused by ${nameOf(rejected.person)}: ${sentence(rejected.reason || 'no reason given')}`
  if (state === 'stopped' && stopRequested) return `Stopped by ${nameOf(stopRequested.by)}: ${why(view)}`
  const word = state.charAt(0).toUpperCase() + state.slice(1)
  const time = state === 'undone' ? took(view) : null
  return `${word}${time ? ` after ${time}` : ''}: ${why(view)}`
}

const why = ({ run }: RunView): string => sentence(run.reason?.text ?? defaultReason(run))

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Words from a check or a person as a sentence that ends once. */
function sentence(words: string): string {
  const text = quote(words, 400)
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

function defaultReason(run: RunRecord): string {
  if (run.state === 'waiting') return 'Its turn has not come'
  return run.state === 'lost' ? 'the worker vanished and the outcome cannot be told' : 'no reason was recorded'
}

function remains(view: RunView): string[] {
  // What a backup or a drill did is said by its own head; it changes nothing of what serves.
  if (subjectOf(view.run).database) return []
  const world = worldOf(view)
  // The engine's own words name what is left over when undoing failed.
  if (world.kind === 'after' || view.run.reason?.code === 'undo-failed') return []
  const steps = world.kind === 'before' ? world.stays : world.left
  if (steps.length === 0) return world.kind === 'before' && !world.acted ? ['Nothing was changed.'] : []
  const titles = steps.map(({ step }) => quote(step.title, 60)).join('; ')
  if (world.kind === 'between') return [`Left over: ${titles}.`]
  if (!steps.every(isMigration)) return [`Stays: ${titles}.`]
  return [migrationsStay(view) || `Stays: ${titles}.`, ...dataLine(view)]
}

/** What a migration took away comes back with the data alone: whoever reads this at night is told how. */
function dataLine({ run, steps }: RunView): string[] {
  if (!run.plan?.headline.migrations.some(({ safe }) => !safe)) return []
  const backup = steps.find(({ step, state }) => step.key === 'backed-up' && state === 'passed')
  const asked = steps.find(({ step }) => step.verb === 'do' && step.action === 'backups.ask')?.step
  const database = backup && asked?.verb === 'do' ? asked.with.database : null
  if (typeof database !== 'string') return []
  return [`Is data missing? It was backed up before: \`/restore ${quote(database, 40)} before ${run.id}\``]
}

const isMigration = ({ step }: StepRecord) => step.verb === 'do' && /(^|\.)migrate$/.test(step.action)

function advice(view: RunView): string[] {
  const { reason, state } = view.run
  if (reason?.next) return [quote(reason.next, 400)]
  const unsure = hasEnded(state) && worldOf(view).kind === 'between' && !subjectOf(view.run).database
  return unsure ? [`Look at ${subjectOf(view.run).environment} before you try again or roll back.`] : []
}
