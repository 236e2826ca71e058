import type { Decision } from '../../src/incidents/deciding.js'
import type { IncidentRecord, IncidentView } from '../../src/incidents/incident.js'
import type { IncidentChange } from '../../src/incidents/ports.js'
import { usualSettings } from '../../src/incidents/settings.js'
import type { Actor } from '../../src/runs/run.js'

export const rita: Actor = { kind: 'person', id: 'U0RITA', name: 'Rita' }
export const marco: Actor = { kind: 'person', id: 'U0MARCO', name: 'Marco' }
export const declaredAt = new Date('2026-11-23T14:00:00Z')
export const minute = (minutes: number): Date => new Date(declaredAt.getTime() + minutes * 60_000)
export const settings = { ...usualSettings, channel: 'C0NEWS', stakeholders: 'C0STAKE' }

/** An open incident seven minutes old, with what a test wants different. */
export function viewWith(incident: Partial<IncidentRecord> = {}, more: Partial<IncidentView> = {}): IncidentView {
  return {
    incident: {
      ...{ id: 31, team: 'T1', title: 'Checkout is slow', service: 'storefront', environment: 'prod' },
      ...{ severity: 'SEV2', proposal: null, private: false, state: 'open', source: { kind: 'person' } },
      ...{
        declaredBy: rita,
        via: 'slack',
        impact: null,
        guide: null,
        duplicateOf: null,
        nextUpdate: null,
        wakeAt: null,
      },
      ...{ declaredAt, acknowledgedAt: null, resolvedAt: null, archivedAt: null, version: 3 },
      roles: settings.roles.map((role) => ({ role, person: null, since: null })),
      room: { name: 'inc-31-checkout-is-slow', channel: 'C31', card: null, done: [], troubles: [] },
      ...incident,
    },
    ...{ suspects: [], runs: [], tasks: [], updates: [], gate: [], alerts: { all: 0, firing: 0 } },
    ...more,
  }
}

export function changeOf(decision: Decision): IncidentChange {
  if (decision.kind !== 'change') throw new Error(`no change: ${JSON.stringify(decision)}`)
  return decision.change
}
