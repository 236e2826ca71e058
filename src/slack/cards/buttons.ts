import type { Button, ConfirmationDialog } from '@slack/types'
import { hasEnded, type RunView } from '../../runs/run.js'
import type { Answer } from '../../runs/step.js'
import { confirmation, plain } from '../blocks.js'
import { incidentFormButton } from '../incidents/incident-press.js'
import { encodePress, type PressValue } from '../press-value.js'
import { quote } from '../text.js'
import { isGlass } from './glass.js'
import { isObserved } from './head.js'
import { type AskRecord, isApproval, openAsk } from './parts-of-run.js'
import { rollBackText } from './roll-back-text.js'
import { changeOf, subjectOf, unstarred } from './subject.js'
import { worldOf } from './world.js'

/** The buttons that make sense now; at most one is primary, and what harms stands last, in red. */
export function buttonsOf(view: RunView): Button[] {
  if (isGlass(view)) return glassButtons(view)
  if (hasEnded(view.run.state)) return endedButtons(view)
  if (view.run.state === 'undoing' || view.run.stopRequested) return [details(view)]
  const ask = openAsk(view)
  if (ask) return isApproval(ask.step) ? approvalButtons(view, ask) : [...choiceButtons(view, ask), details(view)]
  return view.run.plan ? [details(view), cancel(view)] : [cancel(view)]
}

/** It is neither cancelled nor tried again: whoever could would be rid of its review. */
function glassButtons(view: RunView): Button[] {
  const ask = openAsk(view)
  const [first, ...others] = ask ? choiceButtons(view, ask) : []
  return [...(first ? [first] : []), details(view), ...others]
}

/** Prefix of every button that acts on a run; the rest of the id only keeps buttons of one row apart. */
export const pressPrefix = 'press:'

function approvalButtons(view: RunView, ask: AskRecord): Button[] {
  const approve = ask.step.answers.find(({ value }) => value === 'approve')
  const reject = ask.step.answers.find(({ value }) => value === 'reject')
  return [
    ...(approve ? [approveButton(view, ask, approve)] : []),
    details(view),
    cancel(view),
    ...(reject ? [press('Reject…', { ...shown(view, ask), name: 'reject' }, { style: 'danger' })] : []),
  ]
}

/** Where the requester's own approval counts after a confirmation, the button asks for it from everybody. */
function approveButton(view: RunView, ask: AskRecord, approve: Answer): Button {
  if (ask.step.of.requester !== 'self with confirmation')
    return press(approve.label, { ...shown(view, ask), name: 'approve' }, { style: 'primary' })
  const change = unstarred(changeOf(subjectOf(view.run)))
  const text = `${change} starts now. If you asked for it yourself, you confirm your own change and the channel is told.`
  return press(
    approve.label,
    { ...shown(view, ask), name: 'confirm' },
    { style: 'primary', confirm: confirmation('Approve it?', text, 'Approve') },
  )
}

function choiceButtons(view: RunView, ask: AskRecord): Button[] {
  return ask.step.answers
    .slice(0, 5)
    .map((answer) =>
      press(
        answer.label,
        { ...shown(view, ask), name: 'choose', answer: answer.value },
        answer.style ? { style: answer.style } : {},
      ),
    )
}

function endedButtons(view: RunView): Button[] {
  if (isObserved(view)) return [details(view)]
  if (view.run.state === 'done') return [details(view), ...(mayGoBack(view) ? [rollBack(view)] : [])]
  const between = worldOf(view).kind === 'between'
  return [details(view), retry(view), ...openIncident(view), ...(between && mayGoBack(view) ? [rollBack(view)] : [])]
}

const mayGoBack = ({ run }: RunView) => run.intent.job === 'deploy' && (run.plan?.headline.from ?? null) !== null

function details(view: RunView): Button {
  return press('Details', { name: 'details', run: view.run.id })
}

function cancel(view: RunView): Button {
  return press('Cancel…', { name: 'cancel', run: view.run.id }, view.run.startedAt ? { style: 'danger' } : {})
}

function retry(view: RunView): Button {
  const text = `Asks again for ${unstarred(changeOf(subjectOf(view.run)))}, with a fresh plan and fresh approvals.`
  return press(
    'Try again…',
    { name: 'retry', run: view.run.id },
    { confirm: confirmation('Try again?', text, 'Try again') },
  )
}

/** What went wrong in a place may be more than this run's trouble. */
function openIncident({ run }: RunView): Button[] {
  const { job, service, environment } = run.intent
  if (job === 'guide' || job === 'operate' || run.state === 'refused' || run.state === 'stopped') return []
  const title = `${unstarred(changeOf(subjectOf(run)))} ${run.state}`
  const place = { service: quote(service, 40), environment: quote(environment, 40) }
  const known = { run: String(run.id), ...place, title: title.slice(0, 150) }
  return [incidentFormButton('incident', 'Open incident…', known)]
}

function rollBack(view: RunView): Button {
  const confirm = confirmation('Roll back?', rollBackText(view), 'Roll back', true)
  return press('Roll back…', { name: 'roll back', run: view.run.id }, { style: 'danger', confirm })
}

function shown(view: RunView, ask: AskRecord): Omit<PressValue, 'name'> {
  return { run: view.run.id, step: ask.key, round: ask.round, digest: view.run.plan?.digest ?? '' }
}

export type Look = { style?: 'primary' | 'danger'; confirm?: ConfirmationDialog }

/** A button that carries a press; `decodePress` reads it again. */
export function press(label: string, value: PressValue, look: Look = {}): Button {
  const id = value.name === 'choose' ? `choose:${value.answer}` : value.name
  return {
    type: 'button',
    action_id: `${pressPrefix}${id}`,
    text: plain(label, 75),
    value: encodePress(value),
    ...look,
  }
}
