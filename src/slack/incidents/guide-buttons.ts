import type { ActionsBlock, Button } from '@slack/types'
import type { GuideStepView } from '../../incidents/guides/standing.js'
import type { RunView, StepRecord } from '../../runs/run.js'
import type { AskStep } from '../../runs/step.js'
import { actions, confirmation } from '../blocks.js'
import { press } from '../cards/buttons.js'
import { unstarred } from '../cards/subject.js'

import { dryRunLine } from './guide-words.js'
import { incidentButton, incidentFormButton } from './incident-press.js'

type Place = { first: boolean; taken: boolean }

/** A step's answers, and the button that says who is on it. At most one button of the card is primary. */
export function stepButtons(view: RunView, step: GuideStepView, { first, taken }: Place): ActionsBlock | null {
  const { incident } = view.run.intent.input
  const ask = step.records.find((record): record is StepRecord & { step: AskStep } => {
    return record.step.verb === 'ask' && record.state === 'waiting'
  })
  const here = typeof incident === 'number' ? incident : null
  const mine =
    here === null || taken || !ask
      ? []
      : [incidentButton('take', 'I am on it', { name: 'take', step: step.key, incident: here })]
  const again =
    here === null || ask
      ? []
      : [incidentButton('look-again', 'Look again', { name: 'look again', step: step.key, incident: here })]
  return actions(`guide-${view.run.id}-${step.key}`.slice(0, 255), [
    ...(here !== null && ask && restores(view, step) ? [recoverData(here)] : []),
    ...(ask ? answerButtons(view, step, ask, first) : []),
    ...mine,
    ...again,
    ...(ask ? endingButtons(view, ask) : []),
  ])
}

/** Where the guide says to ask for a restore, a button opens its form, with what the incident knows. */
function restores({ run }: RunView, { key }: GuideStepView): boolean {
  const commands = run.plan?.pinned.commands
  const command = typeof commands === 'object' && commands !== null && !Array.isArray(commands) ? commands[key] : null
  return typeof command === 'string' && /^\/restore(?! drill| undo| tables)\b/.test(command.trim())
}

const recoverData = (incident: number) => incidentFormButton('restore', 'Recover data…', { incident: String(incident) })

/** All answers but skipping, which stands last. */
function answerButtons(
  view: RunView,
  step: GuideStepView,
  ask: StepRecord & { step: AskStep },
  first: boolean,
): Button[] {
  const usual = ask.step.answers.filter(({ value }) => value !== 'skip').slice(0, 8)
  const primary = first ? usual.find(({ style }) => style === 'primary') : undefined
  const mild = usual.filter(({ style }) => style !== 'danger')
  const harsh = usual.filter(({ style }) => style === 'danger')
  return [...mild, ...harsh].map((answer) => {
    if (answer.style !== 'danger')
      return choose(view, ask, answer.label, answer.value, answer === primary ? { style: 'primary' } : {})
    const what = unstarred(dryRunLine(view, step) ?? answer.label).replaceAll('`', '')
    const confirm = confirmation(`${answer.label.replace(/…$/, '')}?`, what, answer.label.replace(/…$/, ''), true)
    return choose(view, ask, answer.label, answer.value, { style: 'danger', confirm })
  })
}

function endingButtons(view: RunView, ask: StepRecord & { step: AskStep }): Button[] {
  const skip = ask.step.answers.find(({ value }) => value === 'skip')
  return skip ? [choose(view, ask, skip.label, skip.value, {})] : []
}

const choose = (view: RunView, ask: StepRecord, label: string, answer: string, look: Parameters<typeof press>[2]) =>
  press(
    label,
    { name: 'choose', run: view.run.id, step: ask.key, round: ask.round, digest: view.run.plan?.digest ?? '', answer },
    look,
  )
