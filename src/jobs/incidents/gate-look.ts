import type { GateLine, IncidentView } from '../../incidents/incident.js'
import type { CheckResult } from '../../runs/abilities.js'
import type { StepInput } from '../../runs/step.js'
import type { KeeperParts, Look } from './keeping.js'

export type GateCheck = { key: string; title: string; check: string; with: StepInput }

const patience = 8_000

/** Rejects when the time is over: a check that does not heed its signal holds up no look. */
const late = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const over = () => reject(new Error(`no answer within ${patience / 1000} s`))
    if (signal.aborted) over()
    else signal.addEventListener('abort', over, { once: true })
  })

/** Looks at what has to be green before the incident counts as over. */
export async function gateLooked(parts: KeeperParts, view: IncidentView, stop: AbortSignal): Promise<Look> {
  const { service, environment } = view.incident
  if (service === null || environment === null) return () => null
  const checks = parts.gateChecks(parts.catalogue, service, environment)
  const found = await Promise.all(checks.map(async (check) => ({ check, result: await ran(parts, view, check, stop) })))
  return ({ view: newest, now }) => ({
    gate: found.map(({ check, result }) => line(check, result, newest.gate, now)),
  })
}

function line({ key, title }: GateCheck, { outcome, summary }: CheckResult, before: GateLine[], now: Date): GateLine {
  const green = outcome === 'pass' || outcome === 'warn'
  const since = before.find((one) => one.key === key)?.greenSince ?? null
  return { key, text: `${title}: ${summary}`, outcome, greenSince: green ? (since ?? now) : null, at: now }
}

async function ran(
  parts: KeeperParts,
  { incident }: IncidentView,
  wanted: GateCheck,
  stop: AbortSignal,
): Promise<CheckResult> {
  const check = parts.abilities.check(wanted.check)
  if (!check) return { outcome: 'error', summary: `there is no check ${wanted.check}` }
  const { clock, log } = parts
  const signal = AbortSignal.any([stop, AbortSignal.timeout(patience)])
  try {
    const input = check.input.parse(wanted.with)
    const key = `incident-${incident.id}/${wanted.key}`
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
