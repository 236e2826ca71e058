import { freshStep } from './applied.js'
import { attemptUnder } from './attempt.js'
import { type Carrying, write } from './carrying.js'
import type { Move } from './next-move.js'
import type { Post, RunChange } from './ports.js'
import type { Reason } from './run.js'
import type { CheckStep } from './step.js'

/** The key of the post that tells a bad end in full, in the thread; faces draw it from the run's rows. */
export const detailsPostKey = 'details'

/** Writes the end, with what is true in the world now: what was deployed, or what was found after a run that broke off. */
export async function end(carrying: Carrying, move: Move & { kind: 'end' }): Promise<false> {
  const at = carrying.parts.clock.now()
  const reason = isHalfWay(carrying, move) ? await withWhatServes(carrying, move.reason) : move.reason
  const audit = [{ actor: null, act: 'run ended', subject: { state: move.state, reason: reason?.code ?? '' } }]
  const change: RunChange = {
    ...move.change,
    ended: { state: move.state, reason, at },
    audit,
    posts: told(move, reason),
  }
  const result = carrying.view.run.plan?.result
  await write(carrying, move.state === 'done' && result ? { ...change, deployed: result } : change)
  return false
}

/** A refusal before the first act is told on the card and to the person; what broke is told in full. */
function told(move: Move & { kind: 'end' }, reason: Reason | null): Post[] {
  if (move.state === 'done' || move.state === 'refused' || move.state === 'stopped') return []
  return [{ key: detailsPostKey, to: { kind: 'thread' }, text: reason?.text ?? move.state }]
}

const isHalfWay = ({ view }: Carrying, move: Move & { kind: 'end' }): boolean =>
  view.run.startedAt !== null && move.state !== 'done' && move.state !== 'undone'

const lookFor = 5_000

async function withWhatServes(carrying: Carrying, reason: Reason | null): Promise<Reason | null> {
  const look = carrying.view.run.plan?.aftermath
  if (!look || !reason) return reason
  const step: CheckStep = {
    key: 'aftermath',
    title: 'what serves now',
    verb: 'check',
    ...look,
    timeout: lookFor,
    onFailure: 'warn',
  }
  const { abilities, clock, log } = carrying.parts
  const record = freshStep(carrying.claim.run, step, 0, null)
  const parts = {
    abilities,
    clock,
    log,
    epoch: carrying.claim.epoch,
    steps: [],
    progress: () => {},
  }
  const { evidence } = await attemptUnder(carrying.claim.lost, record, parts)
  return evidence.value === undefined
    ? reason
    : { ...reason, details: { ...reason.details, serving: String(evidence.value) } }
}
