import { asShipmateError } from '../errors.js'
import { applied, merged } from './applied.js'
import { attempt, type StepEnd, stoppedByPerson } from './attempt.js'
import { clear } from './clearing.js'
import type { EngineParts } from './engine.js'
import { type Move, nextMove } from './next-move.js'
import { planned } from './planning.js'
import type { Claim, RunChange, StepChange } from './ports.js'
import { hasEnded, type RunView, type StepRecord } from './run.js'
import type { Progress } from './step.js'

/** One worker's hold on one run, from the claim until it parks, ends or is lost. */
export type Carrying = {
  parts: EngineParts
  claim: Claim
  view: RunView
  /** Steps running in this process at this moment. */
  flights: Map<string, Flight>
  /** What happened and is not written yet: written together with what happens next. */
  unwritten: RunChange
  cleared: boolean
  /** Set when somebody else changed the run's rows. */
  touched: boolean
  nudge(): void
}

type Flight = { abort: AbortController; landed: Promise<{ key: string; end: StepEnd }> }

/** The epoch is not ours any more, or the session that proved it is gone: nothing more may be written or called. */
export class ClaimLost extends Error {}

/**
 * Carries a claimed run on until it parks or ends. Parking is a return: nothing is thrown, nothing is kept in memory.
 */
export async function carry(parts: EngineParts, claim: Claim, view: RunView): Promise<void> {
  const carrying: Carrying = {
    parts,
    claim,
    view,
    flights: new Map(),
    unwritten: {},
    cleared: false,
    touched: false,
    nudge: () => {},
  }
  const unsubscribe = parts.store.signals.onRun((run) => {
    if (run !== claim.run) return
    carrying.touched = true
    carrying.nudge()
  })
  const lost = () => carrying.nudge()
  claim.lost.addEventListener('abort', lost)
  try {
    while (await carriedOn(carrying)) {}
  } finally {
    unsubscribe()
    claim.lost.removeEventListener('abort', lost)
    for (const flight of carrying.flights.values()) flight.abort.abort('the run was let go')
  }
}

/** One move; false when the run was let go. */
async function carriedOn(carrying: Carrying): Promise<boolean> {
  if (carrying.claim.lost.aborted) throw new ClaimLost('the session that held the run is gone')
  if (carrying.touched) await readAgain(carrying)
  if (hasEnded(carrying.view.run.state)) return false
  if (!carrying.view.run.plan) return planned(carrying)
  const move = nextMove(carrying.view, movable(carrying), carrying.parts.clock.now())
  return moved(carrying, move)
}

function movable(carrying: Carrying) {
  return {
    inFlight: new Set(carrying.flights.keys()),
    cleared: carrying.cleared,
    fenceOf: (action: string) => carrying.parts.abilities.action(action)?.fence ?? 'none',
  }
}

async function moved(carrying: Carrying, move: Move): Promise<boolean> {
  const now = carrying.parts.clock.now()
  if (move.kind === 'settle') return put(carrying, move.change)
  if (move.kind === 'start') return begun(carrying, move.steps, now)
  if (move.kind === 'lock') return clear(carrying)
  if (move.kind === 'flight') return landed(carrying, move.abort)
  if (move.kind === 'park') return parked(carrying, move.until)
  const deployed = move.state === 'done' && carrying.view.run.plan?.result
  const ended: RunChange = { ...move.change, ended: { state: move.state, reason: move.reason, at: now } }
  await write(carrying, deployed ? { ...ended, deployed } : ended)
  return false
}

/** Remembers a change for the next write and decides on it at once. */
export function put(carrying: Carrying, change: RunChange): true {
  carrying.unwritten = merged(carrying.unwritten, change)
  carrying.view = applied(carrying.view, change)
  return true
}

/** Writes all that happened, fenced; throws ClaimLost when the epoch is no longer ours. */
export async function write(carrying: Carrying, change: RunChange): Promise<void> {
  put(carrying, change)
  const whole = carrying.unwritten
  if (Object.keys(whole).length === 0) return
  carrying.unwritten = {}
  if (!(await carrying.parts.store.runs.write(carrying.claim, whole)))
    throw new ClaimLost('another worker carries the run')
}

async function readAgain(carrying: Carrying): Promise<void> {
  await write(carrying, {})
  carrying.touched = false
  const view = await carrying.parts.store.runs.load(carrying.claim.run)
  if (view) carrying.view = view
}

async function begun(carrying: Carrying, steps: StepRecord[], now: Date): Promise<true> {
  const changes: StepChange[] = steps.map((record) => ({
    key: record.key,
    state: 'running',
    attempt: record.attempt + 1,
    startedAt: record.startedAt ?? now,
    deadline: new Date(now.getTime() + record.step.timeout),
  }))
  const acts = steps.some(({ step }) => step.verb === 'do')
  const undoing = carrying.view.run.state === 'undoing'
  const first = acts && carrying.view.run.startedAt === null ? { startedAt: now } : {}
  const audit = steps.map((record) => ({
    actor: null,
    act: 'step began',
    subject: { step: record.key, round: record.round, attempt: record.attempt + 1, epoch: carrying.claim.epoch },
  }))
  await write(carrying, {
    ...(undoing ? {} : { state: 'running' as const }),
    wakeAt: null,
    ...first,
    steps: changes,
    audit,
  })
  for (const { key } of steps) takeOff(carrying, key)
  return true
}

function takeOff(carrying: Carrying, key: string): void {
  const record = carrying.view.steps.find((step) => step.key === key)
  if (!record) return
  const abort = new AbortController()
  const signal = AbortSignal.any([abort.signal, carrying.claim.lost])
  const { abilities, clock, log } = carrying.parts
  const progress = (text: Progress) => noted(carrying, key, text)
  const run = attempt(record, {
    abilities,
    clock,
    log,
    epoch: carrying.claim.epoch,
    signal,
    steps: carrying.view.steps,
    progress,
  })
  carrying.flights.set(key, { abort, landed: run.then((end) => ({ key, end })) })
}

/** Progress is written at most once a second and step; what is on the card lags no more than that. */
const progressEveryMs = 1_000

function noted(carrying: Carrying, key: string, progress: Progress): void {
  const record = carrying.view.steps.find((step) => step.key === key)
  if (!record || !carrying.flights.has(key)) return
  const now = carrying.parts.clock.now()
  const due = !record.wakeAt || now.getTime() - record.wakeAt.getTime() >= progressEveryMs
  const change: RunChange = { steps: [{ key, progress, ...(due ? { wakeAt: now } : {}) }] }
  carrying.view = applied(carrying.view, change)
  if (!due) return
  carrying.parts.store.runs.write(carrying.claim, { steps: [{ key, progress }] }).catch((thrown) => {
    carrying.parts.log.warn({ run: carrying.claim.run, code: asShipmateError(thrown).code }, 'progress was not written')
  })
}

/** Waits for the first step to land, for somebody's act, or for the claim to be lost. */
async function landed(carrying: Carrying, abort: boolean): Promise<true> {
  await write(carrying, {})
  if (abort) for (const flight of carrying.flights.values()) flight.abort.abort(stoppedByPerson)
  const nudged = new Promise<null>((resolve) => {
    carrying.nudge = () => resolve(null)
    if (carrying.touched || carrying.claim.lost.aborted) resolve(null)
  })
  const first = await Promise.race([nudged, ...[...carrying.flights.values()].map(({ landed }) => landed)])
  carrying.nudge = () => {}
  if (first === null) return true
  carrying.flights.delete(first.key)
  return put(carrying, endedStep(carrying, first.key, first.end))
}

function endedStep(carrying: Carrying, key: string, end: StepEnd): RunChange {
  const record = carrying.view.steps.find((step) => step.key === key)
  const failedSoftly = record?.step.onFailure === 'warn' && ['failed', 'errored', 'timed out'].includes(end.state)
  const state = failedSoftly ? 'warned' : end.state
  const at = carrying.parts.clock.now()
  return {
    steps: [{ key, state, evidence: end.evidence, output: end.output, endedAt: at, wakeAt: null }],
    audit: [{ actor: null, act: 'step ended', subject: { step: key, state, epoch: carrying.claim.epoch } }],
  }
}

async function parked(carrying: Carrying, until: Date | null): Promise<boolean> {
  await write(carrying, { state: 'waiting', wakeAt: until })
  if (carrying.touched) return true
  if (until) await carrying.parts.wakes.wake(carrying.claim.run, until)
  return false
}
