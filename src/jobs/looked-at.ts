import type { Clock } from '../clock.js'
import { timeLimit } from '../clock.js'
import type { Log } from '../log.js'
import type { Abilities, CheckResult } from '../runs/abilities.js'
import type { StepInput } from '../runs/step.js'

const patience = 8_000

/** Rejects when the time is over: a check that does not heed its signal holds up no look. */
const late = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const over = () => reject(new Error(`no answer within ${patience / 1000} s`))
    if (signal.aborted) over()
    else signal.addEventListener('abort', over, { once: true })
  })

/** One look by a check outside of any run; whatever breaks in it is an *error* and hides no other. */
export async function lookedAt(
  { abilities, clock, log }: { abilities: Pick<Abilities, 'check'>; clock: Clock; log: Log },
  wanted: { check: string; key: string; with: StepInput },
  { key, stop }: { key: string; stop: AbortSignal },
): Promise<CheckResult> {
  const check = abilities.check(wanted.check)
  if (!check) return { outcome: 'error', summary: `there is no check ${wanted.check}` }
  const signal = timeLimit(patience, stop)
  try {
    const input = check.input.parse(wanted.with)
    const context = { run: 0, step: wanted.key, key, epoch: 0, attempt: 1, signal, clock, log, progress: () => {} }
    const work = check.run(input, context)
    work.catch(() => {})
    return await Promise.race([work, late(signal)])
  } catch (thrown) {
    return {
      outcome: 'error',
      summary: `could not be looked at: ${thrown instanceof Error ? thrown.message : 'no reason'}`,
    }
  }
}
