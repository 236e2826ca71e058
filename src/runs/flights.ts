import { asShipmateError } from '../errors.js'
import { applied, stepNamed } from './applied.js'
import { attempt, type StepEnd, stoppedByPerson } from './attempt.js'
import { byHandPostKey, byHandText } from './by-hand.js'
import { type Carrying, put, write } from './carrying.js'
import type { RunChange, StepChange } from './ports.js'
import type { RunRecord, StepRecord } from './run.js'
import type { Progress } from './step.js'

/** Writes that the steps have begun, with all that came before, and only then begins them. */
export async function begin(carrying: Carrying, steps: StepRecord[], now: Date): Promise<true> {
  await write(carrying, beginning(carrying, steps, now))
  for (const { key } of steps) takeOff(carrying, key)
  return true
}

function beginning(carrying: Carrying, steps: StepRecord[], now: Date): RunChange {
  const { run } = carrying.view
  const changes: StepChange[] = steps.map((record) => ({
    key: record.key,
    state: 'running',
    attempt: record.attempt + 1,
    startedAt: record.startedAt ?? now,
    ...(record.wakeAt && { wakeAt: null }),
    deadline: new Date(now.getTime() + record.step.timeout),
  }))
  const audit = steps.map((record) => ({
    actor: null,
    act: 'step began',
    subject: { step: record.key, round: record.round, attempt: record.attempt + 1, epoch: carrying.claim.epoch },
  }))
  const change: RunChange = { steps: changes, audit }
  // Said only when it is not so yet: a change of steps alone is the cheapest write there is.
  if (run.wakeAt !== null) change.wakeAt = null
  if (run.state !== 'undoing' && run.state !== 'running') change.state = 'running'
  if (run.state !== 'undoing' && run.reason !== null) change.reason = null
  if (run.startedAt === null && steps.some(({ step }) => step.verb === 'do')) Object.assign(change, firstAct(run, now))
  return change
}

/** Before the world changes, people hold in their hands how it was. */
function firstAct({ plan }: RunRecord, now: Date): RunChange {
  const lines = plan?.byHand ?? []
  if (lines.length === 0) return { startedAt: now }
  return { startedAt: now, posts: [{ key: byHandPostKey, to: { kind: 'thread' }, text: byHandText(lines) }] }
}

function takeOff(carrying: Carrying, key: string): void {
  const record = stepNamed(carrying.view.steps, key)
  if (!record) return
  const abort = new AbortController()
  const { abilities, clock, log } = carrying.parts
  const progress = (text: Progress) => noted(carrying, key, text)
  const parts = {
    abilities,
    clock,
    log,
    epoch: carrying.claim.epoch,
    abort,
    steps: carrying.view.steps,
    progress,
  }
  const landed = attempt(record, parts).then((end) => ({ key, end }))
  carrying.flights.set(key, { abort, landed, progressWritten: 0 })
}

/** Progress is written at most once a second and step: cards are drawn no faster than that. */
const progressEveryMs = 1_000

function noted(carrying: Carrying, key: string, progress: Progress): void {
  const flight = carrying.flights.get(key)
  if (!flight) return
  const change: RunChange = { steps: [{ key, progress }] }
  carrying.view = applied(carrying.view, change)
  const now = carrying.parts.clock.now().getTime()
  if (now - flight.progressWritten < progressEveryMs) return
  flight.progressWritten = now
  carrying.parts.store.runs.write(carrying.claim, change).catch((thrown) => {
    carrying.parts.log.warn({ run: carrying.claim.run, code: asShipmateError(thrown).code }, 'progress was not written')
  })
}

/** Waits for the first step to land, for somebody's act, or for the claim to be lost. */
export async function landing(carrying: Carrying, abort: boolean): Promise<true> {
  await write(carrying)
  if (abort) for (const flight of carrying.flights.values()) flight.abort.abort(stoppedByPerson)
  const nudged = new Promise<null>((resolve) => {
    carrying.nudge = () => resolve(null)
    if (carrying.touched || carrying.claim.lost.aborted) resolve(null)
  })
  const first = await Promise.race([nudged, ...[...carrying.flights.values()].map(({ landed }) => landed)])
  carrying.nudge = () => {}
  if (first === null) return true
  carrying.flights.delete(first.key)
  return put(carrying, ended(carrying, first.key, first.end))
}

const softened = (state: StepEnd['state']): state is 'failed' | 'errored' | 'timed out' =>
  state === 'failed' || state === 'errored' || state === 'timed out'

function ended(carrying: Carrying, key: string, end: StepEnd): RunChange {
  const record = stepNamed(carrying.view.steps, key)
  const { state: came } = end
  const isSoftened = record?.step.onFailure === 'warn' && softened(came)
  const state = isSoftened ? 'warned' : came
  const evidence = isSoftened && end.evidence ? { ...end.evidence, softened: came } : end.evidence
  const endedAt = carrying.parts.clock.now()
  if (end.again !== undefined) return lookedAtLater(key, end, new Date(endedAt.getTime() + end.again))
  return {
    steps: [{ key, state, evidence, output: end.output, endedAt }],
    audit: [{ actor: null, act: 'step ended', subject: { step: key, state, epoch: carrying.claim.epoch } }],
  }
}

/** Parked until its next look; what it saw shows meanwhile. */
const lookedAtLater = (key: string, { evidence }: StepEnd, wakeAt: Date): RunChange => ({
  steps: [{ key, state: 'waiting', evidence, deadline: null, wakeAt }],
})
