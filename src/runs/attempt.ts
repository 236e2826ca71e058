import type { Clock } from '../clock.js'
import { asShipmateError, type ShipmateError } from '../errors.js'
import type { JsonObject } from '../json.js'
import type { Log } from '../log.js'
import type { Abilities, CheckResult, StepContext } from './abilities.js'
import { resolvedInput } from './inputs.js'
import type { StepRecord } from './run.js'
import type { CheckStep, DoStep, Evidence, Progress, StepOutcome } from './step.js'

/** How one step ended, before its `onFailure` is looked at. `again`: a check that is looked at again after so many milliseconds. */
export type StepEnd = { state: StepOutcome; evidence: Evidence; output: JsonObject; again?: number }

export type AttemptParts = {
  abilities: Abilities
  clock: Clock
  log: Log
  epoch: number
  /** Aborted when the claim is lost or a person stops the run, and by the attempt at its deadline; the reason tells which. */
  abort: AbortController
  steps: readonly StepRecord[]
  progress(progress: Progress): void
}

/** What `abort` is aborted with when a person stopped the run. */
export const stoppedByPerson = 'stopped by a person'

/** A step that ignores its aborted signal is given up after this long; its late effects are fenced by its key and epoch. */
const graceMs = 5_000

/** Runs a check or an action to its end: with its deadline, its retries and its rounds of looking. Never throws. */
export async function attempt(record: StepRecord, parts: AttemptParts): Promise<StepEnd> {
  const { signal } = parts.abort
  const timer = setTimeout(() => parts.abort.abort(deadlineReached()), Math.min(record.step.timeout, longestTimer))
  try {
    return await Promise.race([carriedOut(record, parts), givenUp(signal, parts.clock)])
  } catch (thrown) {
    if (signal.reason === stoppedByPerson)
      return { state: 'stopped', evidence: { summary: 'stopped by a person' }, output: {} }
    if (isDeadline(signal.reason)) return { state: 'timed out', evidence: timeoutEvidence(record, thrown), output: {} }
    return thrownEnd(asShipmateError(thrown), record)
  } finally {
    clearTimeout(timer)
  }
}

/** What setTimeout can count; anything longer would go off at once. */
const longestTimer = 2 ** 31 - 1

const deadlineReached = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError')
const isDeadline = (reason: unknown) => reason instanceof DOMException && reason.name === 'TimeoutError'

/** Looks at what an attempt outside any flight makes of a step; ends with `outer`. */
export async function attemptUnder(
  outer: AbortSignal,
  record: StepRecord,
  parts: Omit<AttemptParts, 'abort'>,
): Promise<StepEnd> {
  const abort = new AbortController()
  const follow = () => abort.abort(outer.reason)
  if (outer.aborted) follow()
  else outer.addEventListener('abort', follow, { once: true })
  try {
    return await attempt(record, { ...parts, abort })
  } finally {
    outer.removeEventListener('abort', follow)
  }
}

async function givenUp(signal: AbortSignal, clock: Clock): Promise<never> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await clock.sleep(graceMs)
  throw signal.reason
}

async function carriedOut(record: StepRecord, parts: AttemptParts): Promise<StepEnd> {
  const { step } = record
  if (step.verb === 'check') return looked(record, step, parts)
  if (step.verb === 'do') return acted(record, step, parts)
  throw new Error(`a step that ${step.verb}s is not carried out`)
}

/** Looks until it passes or the rounds are used up; the last look counts. */
async function looked(record: StepRecord, step: CheckStep, parts: AttemptParts): Promise<StepEnd> {
  const check = parts.abilities.check(step.check)
  if (!check) throw new Error(`there is no check named ${step.check}`)
  const input = check.input.parse(resolvedInput(step.with, parts.steps))
  const rounds = step.repeat?.max ?? 1
  const pause = step.repeat?.every ?? 0
  // A look of a parked check is an attempt of its own.
  const before = pause >= parkedFrom ? record.attempt - 1 : 0
  for (let round = 1 + before; ; round++) {
    const result = await retried(record, parts, () => check.run(input, contextOf(record, parts)))
    if (isEnough(result) || round >= rounds) return checkEnd(result)
    if (pause >= parkedFrom) return { ...checkEnd(result), again: pause }
    parts.progress({ done: round, total: rounds, text: result.summary })
    await parts.clock.sleep(pause, parts.abort.signal)
    parts.abort.signal.throwIfAborted()
  }
}

/** Looks that are so far apart need no worker in between; milliseconds. */
const parkedFrom = 3_000

const isEnough = ({ outcome, final = false }: CheckResult) => final || ['pass', 'warn', 'skip'].includes(outcome)

async function acted(record: StepRecord, step: DoStep, parts: AttemptParts): Promise<StepEnd> {
  const action = parts.abilities.action(step.action)
  if (!action) throw new Error(`there is no action named ${step.action}`)
  const input = action.input.parse(resolvedInput(step.with, parts.steps))
  const call = () => action.run(input, contextOf(record, parts))
  const { evidence, output } = await (action.fence === 'blind' ? call() : retried(record, parts, call))
  return { state: 'passed', evidence, output: output ?? {} }
}

/** Tries again after transient errors, with growing pauses; the idempotency key stays the same. */
async function retried<T>(record: StepRecord, parts: AttemptParts, call: () => Promise<T>): Promise<T> {
  const { signal } = parts.abort
  for (let again = 0; ; again++) {
    try {
      signal.throwIfAborted()
      return await call()
    } catch (thrown) {
      const error = asShipmateError(thrown)
      if (signal.aborted || !error.transient || again >= (record.step.retries ?? 0)) throw thrown
      parts.log.warn(
        { step: record.key, code: error.code, again: again + 1 },
        'trying a step again after a transient error',
      )
      await parts.clock.sleep(pauseBefore(again), signal)
    }
  }
}

/** 250 ms, 500 ms, 1 s … at most 10 s. */
export const pauseBefore = (again: number): number => Math.min(250 * 2 ** again, 10_000)

function contextOf(record: StepRecord, parts: AttemptParts): StepContext {
  return {
    run: record.run,
    step: record.key,
    key: `${record.run}/${record.key}/${record.round}`,
    epoch: parts.epoch,
    attempt: record.attempt,
    signal: parts.abort.signal,
    clock: parts.clock,
    log: parts.log,
    progress: parts.progress,
  }
}

const checkStates = { pass: 'passed', warn: 'warned', fail: 'failed', skip: 'skipped', error: 'errored' } as const

function checkEnd({ outcome, output, final: _, ...evidence }: CheckResult): StepEnd {
  return { state: checkStates[outcome], evidence, output: output ?? {} }
}

/** The world said no: failed. Could not be told, or our own fault: errored. */
function thrownEnd(error: ShipmateError, record: StepRecord): StepEnd {
  const worldSaidNo = error.kind === 'failed' || error.kind === 'refused'
  const state =
    record.step.verb === 'do' && worldSaidNo ? 'failed' : error.kind === 'timed out' ? 'timed out' : 'errored'
  return { state, evidence: errorEvidence(error), output: {} }
}

function errorEvidence(error: ShipmateError): Evidence {
  const details: JsonObject = { code: error.code, ...error.details }
  if (error.wanted) details.wanted = error.wanted
  if (error.came) details.came = error.came
  return error.next ? { summary: error.message, details, next: error.next } : { summary: error.message, details }
}

function timeoutEvidence(record: StepRecord, thrown: unknown): Evidence {
  const last = asShipmateError(thrown)
  const details: JsonObject = {}
  if (record.progress?.text) details.seen = record.progress.text
  if (last.code !== 'unexpected') details.last = last.message
  return { summary: `no end after ${Math.round(record.step.timeout / 1000)} s`, details }
}
