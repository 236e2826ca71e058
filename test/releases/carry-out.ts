import { systemClock } from '../../src/clock.js'
import { silentLog } from '../../src/log.js'
import type { Action, Check, StepContext } from '../../src/runs/abilities.js'
import type { Step } from '../../src/runs/step.js'

export type Carried = {
  /** `start-web-1-1 passed`, `verify-50 failed`, `undo shift-50` … in the order they ended. */
  story: string[]
  failure: { key: string; summary: string } | null
  progress: string[]
  summaries: { [key: string]: string }
}

export type Abilities = { checks: Check[]; actions: Action[] }

export type CarryOptions = {
  run?: number
  epoch: number
  /** Called before each step; throwing there is a failure of the step. */
  before?: (step: Step) => Promise<void> | void
}

/** The smallest engine there is: steps one after the other, undos backwards when one fails. */
export async function carryOut(driver: Abilities, steps: Step[], options: CarryOptions): Promise<Carried> {
  const carried: Carried = { story: [], failure: null, progress: [], summaries: {} }
  const done: Step[] = []
  for (const step of steps) {
    await options.before?.(step)
    const problem = await carryStep(driver, step, contextOf(step.key, options, carried), carried)
    done.push(step)
    carried.story.push(`${step.key} ${problem === null ? 'passed' : step.onFailure === 'warn' ? 'warned' : 'failed'}`)
    if (problem === null || step.onFailure === 'warn') continue
    carried.failure = { key: step.key, summary: problem }
    if (step.onFailure === 'undo') await undo(driver, done, options, carried)
    return carried
  }
  return carried
}

/** Null when it passed, else why not. */
async function carryStep(
  driver: Abilities,
  step: Step,
  context: StepContext,
  carried: Carried,
): Promise<string | null> {
  try {
    if (step.verb === 'check') {
      const check = driver.checks.find(({ name }) => name === step.check)
      const result = await check?.run(check.input.parse(step.with), context)
      carried.summaries[step.key] = result?.summary ?? ''
      return result?.outcome === 'pass' || result?.outcome === 'warn' ? null : (result?.summary ?? 'no such check')
    }
    if (step.verb !== 'do') return `a step that ${step.verb}s`
    carried.summaries[step.key] = await act(driver, step.action, step.with, context)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function act(driver: Abilities, name: string, input: unknown, context: StepContext): Promise<string> {
  const action = driver.actions.find((candidate) => candidate.name === name)
  if (action === undefined) throw new Error(`no action ${name}`)
  return (await action.run(action.input.parse(input), context)).evidence.summary
}

async function undo(driver: Abilities, done: Step[], options: CarryOptions, carried: Carried): Promise<void> {
  for (const step of [...done].reverse()) {
    if (step.verb !== 'do' || step.undo === undefined) continue
    const key = `undo-${step.key}`
    carried.summaries[key] = await act(driver, step.undo.action, step.undo.with, contextOf(key, options, carried))
    carried.story.push(key)
  }
}

function contextOf(step: string, { run = 1, epoch }: CarryOptions, carried: Carried): StepContext {
  return {
    run,
    step,
    key: `${run}/${step}/1`,
    epoch,
    attempt: 1,
    signal: new AbortController().signal,
    clock: systemClock,
    log: silentLog,
    progress: ({ text }) => void carried.progress.push(text),
  }
}

export const contextFor = (step: string, options: CarryOptions): StepContext =>
  contextOf(step, options, { story: [], failure: null, progress: [], summaries: {} })
