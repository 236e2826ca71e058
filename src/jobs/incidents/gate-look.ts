import type { GateLine, IncidentView } from '../../incidents/incident.js'
import type { CheckResult } from '../../runs/abilities.js'
import type { StepInput } from '../../runs/step.js'
import { lookedAt } from '../looked-at.js'
import type { KeeperParts, Look } from './keeping.js'

export type GateCheck = { key: string; title: string; check: string; with: StepInput }

/** Looks at what has to be green before the incident counts as over. */
export async function gateLooked(parts: KeeperParts, view: IncidentView, stop: AbortSignal): Promise<Look> {
  const { service, environment } = view.incident
  if (service === null || environment === null) return () => null
  const checks = parts.gateChecks(parts.catalogue, service, environment)
  const found = await Promise.all(
    checks.map(async (check) => {
      const key = `incident-${view.incident.id}/${check.key}`
      return { check, result: await lookedAt(parts, check, { key, stop }) }
    }),
  )
  return ({ view: newest, now }) => ({
    gate: found.map(({ check, result }) => line(check, result, newest.gate, now)),
  })
}

function line({ key, title }: GateCheck, { outcome, summary }: CheckResult, before: GateLine[], now: Date): GateLine {
  const green = outcome === 'pass' || outcome === 'warn'
  const since = before.find((one) => one.key === key)?.greenSince ?? null
  return { key, text: `${title}: ${summary}`, outcome, greenSince: green ? (since ?? now) : null, at: now }
}
