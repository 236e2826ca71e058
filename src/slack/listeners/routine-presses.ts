import type { BlockAction } from '@slack/bolt'
import type { Reply } from '../../commands/reply.js'
import { decodeRoutinePress } from '../routines/routine-press.js'
import { answer, drawn, type Ways } from './answers.js'
import { askerOf, type Envelope } from './asker.js'
import { attempt, refusal } from './attempt.js'
import { drawHome } from './home.js'
import { ackBudget, type FaceParts, inTime } from './parts.js'

/**
 * A button that says that a routine is done. It says the same wherever it stands: the desk looks whether that one is still
 * asked for, and of whom.
 */
export async function pressRoutine(
  parts: FaceParts,
  { container, view, actions: [action] }: BlockAction,
  from: { envelope: Envelope; ways: Ways; team: string | null },
  ack: () => Promise<void>,
): Promise<void> {
  const said = decodeRoutinePress(action?.type === 'button' ? action.value : undefined)
  const work = attempt(parts, 'a press on a routine', from.team, async (): Promise<Reply> => {
    if (!said) return notItsMessage
    return parts.desk.submitForm('routine', said, await askerOf(parts, from.envelope))
  })
  await inTime(work, ackBudget, parts.clock)
  await ack()
  const reply = await work
  const { user, team, delivery } = from.envelope
  if (view?.type === 'home') await drawHome(parts, { user, team, delivery })
  // What went through shows on the message itself, but not on one that only this person sees.
  if (reply.kind === 'refused' || container.is_ephemeral === true) await answer(parts, from.ways, drawn(parts, reply))
}

const notItsMessage = refusal(
  'not-its-card',
  'This button does nothing any more.',
  'It does not say which routine it is about.',
  'Look at what is due now: /ops routines',
)
