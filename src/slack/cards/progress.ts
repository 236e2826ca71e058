import { hasEnded, type RunState, type RunView, type StepRecord } from '../../runs/run.js'
import { isEnded } from '../../runs/step.js'
import { duration, plural, quote } from '../text.js'
import { expectedLeft } from './expected.js'
import { type AskRecord, gatesOf, isApproval, openAsk, undosOf, workOf } from './parts-of-run.js'
import { beyondTitle } from './said-once.js'
import { gap, signOf, signs } from './signs.js'

const barLength = 10
const linesOfDone = 8

/** "▓▓▓▓▓▓▓░░░  5 of 7 · 1 min 42 s · about 3 min left", as of `now`. `earlier`: durations of such runs before, ms. */
export function progressLine(view: RunView, earlier: number[], now: Date): string | null {
  const undoing = view.run.state === 'undoing'
  const steps = undoing ? undosOf(view) : workOf(view)
  if (steps.length === 0) return null
  const elapsed = view.run.startedAt ? now.getTime() - view.run.startedAt.getTime() : null
  const left = undoing || elapsed === null ? null : expectedLeft(earlier, elapsed)
  const parts = [position(steps, undoing), elapsed === null ? null : duration(elapsed), left]
  return `${bar(shareDone(steps))}${gap}${parts.filter((part) => part !== null).join(' · ')}`
}

/** Each step with its evidence or how far it is; steps still to come, or that never ran, share one line. */
export function stepLines(view: RunView): string[] {
  const [work, undos] = [workOf(view), undosOf(view)]
  const undone = new Set(undos.filter(hasBegun).map(({ undoes }) => undoes))
  const begun = [...work.filter(({ key }) => !undone.has(key)), ...undos].filter(hasBegun)
  const hidden = Math.max(0, begun.length - linesOfDone)
  const ask = openAsk(view)
  if (ask && isApproval(ask.step)) return [...signOffLines(begun, ask), ...comingLine(view.run.state, work, undos)]
  return [
    ...(hidden > 0 ? [`${signs.done} ${hidden} earlier, see Details`] : []),
    ...begun.slice(hidden).map((record) => stepLine(record, view.run.reason?.text)),
    ...comingLine(view.run.state, work, undos),
  ]
}

/** Who decides in the middle of a run reads what is decided about, and what is not as it should be; the rest is counted. */
function signOffLines(begun: StepRecord[], { step: { about } }: AskRecord): string[] {
  const rest = begun.filter(({ key, state }) => key !== about && (state === 'passed' || state === 'skipped'))
  const count = (wanted: StepRecord['state']) => rest.filter(({ state }) => state === wanted).length
  const [passed, skipped] = [count('passed'), count('skipped')]
  return [
    ...begun.filter((one) => !rest.includes(one)).map((one) => stepLine(one)),
    ...(passed > 0
      ? [`${signs.done} ${plural(passed, 'step')} passed${skipped > 0 ? `, ${skipped} skipped` : ''}, see Details`]
      : []),
  ]
}

/** What proves that it is done, and what people should still read: the last check, and every warning. */
export function proofLines(view: RunView): string[] {
  const records = [...gatesOf(view), ...workOf(view)]
  const warned = records.filter(({ state }) => state === 'warned')
  const proofs = workOf(view).filter(
    ({ step, state, evidence }) => step.verb === 'check' && state === 'passed' && evidence,
  )
  const story = proofs.filter(({ step }) => step.verb === 'check' && tellsTheStory.includes(step.check))
  const unseen = workOf(view).filter(
    ({ step, state, evidence }) => step.verb === 'check' && step.check === cost && state === 'skipped' && evidence,
  )
  const shown = [...(story.length > 0 ? story : proofs.slice(-1)), ...unseen]
  return [...shown, ...warned.slice(0, linesOfDone)].map((one) => stepLine(one))
}

/** What was not seen of it is told too: a cost that nobody looked at is not none. */
const cost = 'backups.cost'

/** What a restore changed, what serves, and what it took; that a backup was read back, and what it cost: all of it is read. */
const tellsTheStory = ['restore.compare', 'restore.live', 'restore.figures', 'backups.read-back', cost]

const hasBegun = ({ state }: StepRecord) => state !== 'pending'

function comingLine(state: RunState, work: StepRecord[], undos: StepRecord[]): string[] {
  const coming = (state === 'undoing' ? undos : work).filter((record) => record.state === 'pending')
  if (coming.length === 0) return []
  const shown = coming.slice(0, linesOfDone).map(({ step }) => quote(step.title, 40))
  const titles = [...shown, ...(coming.length > shown.length ? [`${coming.length - shown.length} more`] : [])].join(
    ' · ',
  )
  return [hasEnded(state) ? `${signs.skipped} not run: ${titles}` : `${signs.coming} then ${titles}`]
}

/** `told`: what the card says above already. */
function stepLine({ step, state, evidence, progress, undoes }: StepRecord, told?: string): string {
  const found = (state === 'running' || state === 'waiting' ? progress?.text : evidence?.summary) ?? ''
  const words = found === told ? '' : beyondTitle(step.title, found)
  const plain = state === 'passed' || state === 'running' ? '' : ` (${state === 'warned' ? 'warning' : state})`
  const sign = undoes !== null && state === 'passed' ? signs.undone : signOf(state)
  const title = `${undoes === null ? '' : 'undo: '}${quote(step.title, 60)}`
  return `${sign} ${title}${plain}${words ? `: ${quote(words, 140)}` : ''}`
}

function position(steps: StepRecord[], undoing: boolean): string {
  const ended = steps.filter(({ state }) => isEnded(state)).length
  const under = steps.some(({ state }) => state === 'running') ? 1 : 0
  return `${undoing ? 'undoing ' : ''}${Math.min(steps.length, ended + under)} of ${steps.length}`
}

function shareDone(steps: StepRecord[]): number {
  const done = steps.reduce((sum, { state, progress }) => sum + (isEnded(state) ? 1 : partOf(progress)), 0)
  return done / steps.length
}

function partOf(progress: StepRecord['progress']): number {
  if (!progress || progress.total <= 0) return 0
  return Math.min(1, Math.max(0, progress.done / progress.total))
}

function bar(share: number): string {
  const full = Math.min(barLength, Math.max(0, Math.floor(share * barLength)))
  return '▓'.repeat(full) + '░'.repeat(barLength - full)
}
