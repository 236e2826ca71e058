import type { App, BlockAction } from '@slack/bolt'
import type { Asker, Press } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import type { RunView } from '../../runs/run.js'
import { incidentPrefix } from '../incidents/incident-press.js'
import { decodePress, type PressValue } from '../press-value.js'
import { openFormAction, openPressAction, pressTooLate } from '../replies/opening.js'
import { routinePrefix } from '../routines/routine-press.js'
import { detailsView } from '../views/pages.js'
import { reasonView } from '../views/reason-view.js'
import { answer, drawn, type Ways } from './answers.js'
import { askerOf, type Envelope } from './asker.js'
import { attempt, refusal } from './attempt.js'
import { refreshForm } from './choices.js'
import { pressIncident } from './incident-presses.js'
import { openView, type Trigger, triggerOf } from './opening.js'
import { ackBudget, type FaceParts, inTime } from './parts.js'
import { pressRoutine } from './routine-presses.js'
import { openAsked } from './shortcut.js'

/** Buttons and choices. A press counts only on the run's own card; who may is decided at the desk. */
export function listenToPresses(app: App, parts: FaceParts): void {
  app.action<BlockAction>({ type: 'block_actions' }, async ({ body, ack, context }) => {
    const action = body.actions[0]
    if (!action || body.view?.type === 'modal') {
      await ack()
      return refreshForm(parts, body)
    }
    const value = action.type === 'button' ? action.value : undefined
    if (action.action_id.split(':')[0] === incidentPrefix) {
      const chosen = action.type === 'static_select' ? action.selected_option?.value : value
      const from = { envelope: envelopeOf(body), ways: waysOf(body), team: teamOf(body) }
      return pressIncident(parts, body.container, from, { ack, value: chosen })
    }
    if (action.action_id.split(':')[0] === routinePrefix) {
      return pressRoutine(parts, body, { envelope: envelopeOf(body), ways: waysOf(body), team: teamOf(body) }, ack)
    }
    const trigger = triggerOf(body.trigger_id, context)
    if (action.action_id.split(':')[0] === openFormAction) {
      await ack()
      return openAsked(parts, { ...personOf(body), trigger, value, ways: waysOf(body) })
    }
    const work = attempt(parts, 'a press', teamOf(body), () => press(parts, body, trigger, decodePress(value)))
    await inTime(work, ackBudget, parts.clock)
    await ack()
    const reply = await work
    // What went through shows on the card itself.
    if (reply.kind === 'refused') await answer(parts, waysOf(body), drawn(parts, reply))
  })
}

const through: Reply = { kind: 'said', text: '' }

async function press(parts: FaceParts, body: BlockAction, trigger: Trigger, value: PressValue | null): Promise<Reply> {
  const view = value && (await shownRun(parts, body, value))
  if (!value || !view) return notItsCard
  if (value.name === 'details') return details(parts, body, trigger, value)
  const asker = await askerOf(parts, envelopeOf(body))
  const asked = pressOf(value, '')
  if (needsWords(value, view)) {
    const refused = await refusedBeforeWords(parts, value, view, asker)
    if (refused) return refused
    const origin = { ...originOf(body), press: JSON.stringify(value) }
    return opened(parts, body, value, await openView(parts, trigger, reasonView(value, view, origin)))
  }
  return asked && !isReopening(body) ? parts.desk.press(asked, asker) : notItsCard
}

/** Nobody writes a reason for what they may not do: an answer that lacks only its reason is tried first, and counts not. */
async function refusedBeforeWords(
  parts: FaceParts,
  value: PressValue,
  view: RunView,
  asker: Asker,
): Promise<Reply | null> {
  const asked = pressOf(value, '')
  if (!asked || !lacksReason(value, view)) return null
  const reply = await parts.desk.press(asked, asker)
  return reply.kind === 'refused' && reply.refusal.code !== 'reason-missing' ? reply : null
}

/** Asked of the desk like typed words, so that only those who may look do. */
async function details(parts: FaceParts, body: BlockAction, trigger: Trigger, value: PressValue): Promise<Reply> {
  const reply = await parts.desk.say(`runs ${value.run}`, 'ops', await askerOf(parts, envelopeOf(body)))
  if (reply.kind !== 'run') return reply
  return opened(parts, body, value, await openView(parts, trigger, detailsView(reply.view, parts.clock.now())))
}

/** The run whose card this message is, when it is the one that the button names. */
async function shownRun(parts: FaceParts, body: BlockAction, value: PressValue): Promise<RunView | null> {
  // It stands on no card, and opens a window only; what is sent from there is decided at the desk as ever.
  if (isReopening(body)) return parts.runs.view(value.run)
  const { channel_id: channel, message_ts: ts } = body.container
  if (typeof channel !== 'string' || typeof ts !== 'string') return null
  const run = await parts.cards.cardAt(channel, ts)
  return run === value.run ? parts.runs.view(run) : null
}

const isReopening = (body: BlockAction) => body.actions[0]?.action_id === openPressAction

const notItsCard = refusal(
  'not-its-card',
  'This button does nothing any more.',
  'The message is not the card of the run it names: it is a copy, or the card was posted anew.',
  'Use the run’s own card in its release channel; /ops runs lists the newest runs.',
)

/** A click whose trigger is gone gets a button that brings another. */
async function opened(parts: FaceParts, body: BlockAction, value: PressValue, view: string | null): Promise<Reply> {
  if (view === null) await answer(parts, waysOf(body), pressTooLate(value))
  return through
}

function needsWords(value: PressValue, view: RunView): boolean {
  return value.name === 'reject' || value.name === 'cancel' || lacksReason(value, view)
}

/** Whether the ask takes this answer with a reason only. */
function lacksReason({ name, step: key, answer }: PressValue, view: RunView): boolean {
  const wanted = name === 'choose' ? answer : name
  const step = view.steps.find((one) => one.key === key)?.step
  return step?.verb === 'ask' && step.answers.some(({ value, reason }) => value === wanted && reason === true)
}

/** What the desk is asked; null when the value lacks what its name needs. */
export function pressOf(value: PressValue, reason: string): Press | null {
  const { name, run, step, round, digest, answer } = value
  if (name === 'roll back' || name === 'retry') return { name, run }
  if (name === 'cancel') return { name, run, reason }
  if (name === 'details' || step === undefined || round === undefined || digest === undefined) return null
  if (name === 'approve' || name === 'confirm') return { name, run, step, round, digest }
  if (name === 'reject') return { name, run, step, round, digest, reason }
  return answer === undefined ? null : { name, run, step, round, digest, answer, reason }
}

/** The person's own workspace when Slack names it: in a shared channel it is another than the channel's. */
export const teamOf = (body: { team: { id: string } | null; user: { team_id?: string } }): string | null =>
  body.user.team_id ?? body.team?.id ?? null

const envelopeOf = (body: BlockAction): Envelope => ({
  ...personOf(body),
  via: 'button',
  delivery: body.trigger_id,
  ...originOf(body),
})

export const personOf = (body: BlockAction) => ({
  user: body.user.id,
  userName: body.user.name ?? body.user.username ?? '',
  team: teamOf(body) ?? '',
})

const originOf = ({ container, message }: BlockAction) => ({
  ...(typeof container.channel_id === 'string' ? { channel: container.channel_id } : {}),
  ...(typeof message?.thread_ts === 'string' ? { thread: message.thread_ts } : {}),
})

const waysOf = (body: BlockAction): Ways => ({ user: body.user.id, responseUrl: body.response_url, ...originOf(body) })
