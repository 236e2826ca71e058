import { randomUUID } from 'node:crypto'
import type { IncidentRecord, Update } from '../../src/incidents/incident.js'
import type { Declaration, IncidentChange } from '../../src/incidents/ports.js'
import type { Store } from '../../src/store/connect.js'

export const rita = { kind: 'person', id: 'U0RITA', name: 'Rita' } as const
export const declaredAt = new Date('2026-11-23T14:06:00Z')
export const after = (minutes: number) => new Date(declaredAt.getTime() + minutes * 60_000)

/** An incident of its own, with changes made on it in order. */
export async function incidentWith(store: Store, more: Partial<Declaration> = {}, ...changes: IncidentChange[]) {
  const { incident } = await store.incidents.rows.declare({
    ...{ requestKey: randomUUID(), team: 'T1', title: 'pid 4711 blocks 23 sessions', service: 'storefront' },
    ...{ environment: 'prod', severity: 'SEV2', private: false, source: { kind: 'person' }, declaredBy: rita },
    ...{ via: 'slack', roles: ['commander'], slug: 'slow', at: declaredAt },
    ...more,
  })
  for (const change of changes) await changed(store, incident.id, change)
  return incident
}

export async function changed(store: Store, id: IncidentRecord['id'], change: IncidentChange, at = after(1)) {
  const view = await store.incidents.rows.view(id)
  if (!view || !(await store.incidents.rows.write(id, view.incident.version, change, at)))
    throw new Error('not written')
}

/** Drafted and published at once, as far as rows go. */
export const published = (
  text: string,
  phase: Update['phase'],
  audience: Update['audience'] = ['status page', 'customers'],
  minutes = 1,
): IncidentChange => ({
  updates: {
    add: [
      {
        ...{ text, phase, audience, draftedBy: rita, draftedAt: after(minutes), publishedBy: rita },
        publishedAt: after(minutes),
      },
    ],
  },
})

export const drafted = (text: string, audience: Update['audience'] = ['status page', 'customers']): IncidentChange => ({
  updates: {
    add: [
      {
        ...{ text, phase: 'investigating', audience, draftedBy: rita, draftedAt: after(1) },
        ...{ publishedBy: null, publishedAt: null },
      },
    ],
  },
})
