import { stepNamed } from './applied.js'
import type { Move } from './next-move.js'
import type { RunChange } from './ports.js'
import type { AnswerRecord, Reason, Restored, RunView, StepRecord } from './run.js'
import type { AskStep, People } from './step.js'
import { stopping } from './stopping.js'

/**
 * A run that came back with an older database. The Shipmate that was lost may have gone on with it since, so nothing of it
 * is done, retried or undone before a person has looked; null when one has said so, or for any other run.
 */
export function heldBack(view: RunView, now: Date): Move | null {
  const { restored, stopRequested } = view.run
  // A stop that was asked for before may have been carried out; one that came afterwards is a person's word.
  if (!restored || (stopRequested && stopRequested.at > restored.at)) return null
  const key = `restored-${restored.at.getTime()}`
  const asked = stepNamed(view.steps, key)
  const answer = view.answers.find(({ step }) => step === key)
  if (answer) return answered(view, asked, answer, now)
  if (!asked) return { kind: 'settle', change: { newSteps: [{ step: question(view, restored, key), undoes: null }] } }
  if (asked.state === 'pending') return { kind: 'settle', change: opened(view, restored, asked, now) }
  if (asked.deadline && now >= asked.deadline) return left(view, 'nobody said in time what is to become of it', now)
  return { kind: 'park', until: asked.deadline }
}

function answered(
  view: RunView,
  asked: StepRecord | undefined,
  { answer, person }: AnswerRecord,
  now: Date,
): Move | null {
  if (asked?.state === 'waiting') {
    const label = labels[answer] ?? answer
    const evidence = { summary: label, details: { by: [person.id] } }
    const change: RunChange = {
      ...(view.run.state !== 'undoing' && { state: 'running' }),
      reason: null,
      wakeAt: null,
      steps: [{ key: asked.key, state: 'passed', output: { answer }, evidence, endedAt: now }],
      audit: [{ actor: null, act: 'ask answered', subject: { step: asked.key } }],
    }
    return { kind: 'settle', change }
  }
  if (answer === 'leave') return left(view, `${person.name} left it as it is`, now)
  if (answer !== 'undo' || view.run.state === 'undoing') return null
  const stopRequested = { by: person, reason: 'undone after Shipmate was brought back', at: now }
  return stopping({ ...view, run: { ...view.run, stopRequested } }, now)
}

const labels: { [answer: string]: string } = { 'go-on': 'Go on', leave: 'Leave it as it is', undo: 'Undo' }

/** Nothing is touched: what became of it cannot be told. */
function left(view: RunView, text: string, now: Date): Move {
  const steps = view.steps
    .filter(({ state }) => state === 'waiting' || state === 'running')
    .map(({ key }) => ({ key, state: 'stopped' as const, endedAt: now }))
  const next = 'Look at the target; what is to be done is asked for anew.'
  return { kind: 'end', state: 'lost', reason: { code: 'restored-left', text, next }, change: { steps } }
}

/** A weekend and the day after it: whoever knows what became of it may be away. */
const openForMs = 4 * 86_400_000

function question(view: RunView, restored: Restored, key: string): AskStep {
  const acted = view.run.startedAt !== null
  return {
    key,
    title: 'Go on after Shipmate was brought back?',
    verb: 'ask',
    of: whoMaySay(view),
    question: `${why(restored).text}. Look at the target first.`,
    answers: [
      { label: 'Go on', value: 'go-on', style: 'primary' },
      { label: 'Leave it as it is', value: 'leave' },
      ...(acted ? [{ label: 'Undo', value: 'undo', style: 'danger' as const }] : []),
    ],
    quorum: 1,
    expires: openForMs,
    timeout: openForMs,
    needs: [],
    onFailure: 'stop',
  }
}

const why = ({ to }: Restored): Reason => ({
  code: 'restored',
  text: `Shipmate was brought back from a backup of ${shown(to)}; what became of this run since is not known`,
  next: 'Look at the target, then answer on the card.',
})

const shown = (at: Date) => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`

/**
 * Whoever could approve it, and who asked; where neither is a person, every full member. What changes nothing and waits for
 * others to judge who asked is theirs alone: its requester does not say that it is left.
 */
function whoMaySay({ run, steps }: RunView): People {
  const asks = steps.flatMap(({ step }) => (step.verb === 'ask' ? [step.of] : []))
  const judging = asks.filter(({ requester }) => requester === 'excluded')
  if (judging.length > 0 && steps.every(({ step }) => step.verb !== 'do'))
    return {
      groups: judging.flatMap((of) => of.groups),
      people: judging.flatMap((of) => of.people),
      requester: 'excluded',
    }
  const groups = [...new Set(asks.flatMap((of) => of.groups))]
  const own = run.requestedBy.kind === 'person' ? [run.requestedBy.id] : []
  const people = [...new Set([...asks.flatMap((of) => of.people), ...own])]
  const everyone = groups.length + people.length === 0
  return { groups, people, requester: 'counts', ...(everyone && { everyone }) }
}

function opened({ run }: RunView, restored: Restored, { key, step, round }: StepRecord, now: Date): RunChange {
  const deadline = new Date(now.getTime() + openForMs)
  const text = step.verb === 'ask' ? step.question : step.title
  return {
    // What is being undone stays so: only then it goes on where it was.
    ...(run.state !== 'undoing' && { state: 'waiting' }),
    reason: why(restored),
    steps: [{ key, state: 'waiting', startedAt: now, deadline, attempt: 1 }],
    audit: [{ actor: null, act: 'asked', subject: { step: key, quorum: 1, digest: run.plan?.digest ?? '' } }],
    posts: [{ key: `ask:${key}:${run.planRound}:${round}`, to: { kind: 'thread' }, text }],
  }
}
