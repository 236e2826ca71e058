import type { Grant } from '../releases/catalogue.js'
import type { Severity } from './incident.js'

/** What the operator's file says about incidents; durations in milliseconds. */
export type IncidentSettings = {
  /** Where one line says that an incident was opened and how it ended; null tells nobody outside the incident's channel. */
  channel: string | null
  /** Where stakeholders read a digest; null when there are none. */
  stakeholders: string | null
  roles: string[]
  severities: { [severity in Severity]: SeverityRules }
  /** Who is invited beside those of the severity, by service. */
  services: { [service: string]: Invited }
  gate: { green: number }
  /** Alerts that begin within so long of each other and share a service or a group are one trouble. */
  storm: { window: number }
  may: { declare: Grant; respond: Grant; publish: Grant }
  /** A folder of the operator's own guides. */
  guides: string | null
}

export type Invited = { groups: string[]; people: string[] }

export type SeverityRules = {
  /** People outside hear something new at least so often; null promises nothing. */
  updateEvery: number | null
  invite: Invited
  /** Whoever is on duty is paged. */
  page: boolean
  /** A lower quorum for what a recovery needs, by act; never a higher one. */
  approvals: { [act: string]: number }
}

const nobody: Invited = { groups: [], people: [] }
const rules = (minutes: number | null, page: boolean): SeverityRules => ({
  updateEvery: minutes === null ? null : minutes * 60_000,
  invite: nobody,
  page,
  approvals: {},
})

/** What holds where the operator's file says nothing. */
export const usualSettings: IncidentSettings = {
  channel: null,
  stakeholders: null,
  roles: ['commander', 'communications', 'scribe'],
  severities: {
    SEV1: rules(15, true),
    SEV2: rules(30, true),
    SEV3: rules(120, false),
    SEV4: rules(null, false),
  },
  services: {},
  gate: { green: 5 * 60_000 },
  storm: { window: 5 * 60_000 },
  may: {
    declare: { groups: [], people: [], everyone: true },
    respond: { groups: [], people: [], everyone: true },
    publish: { groups: [], people: [], everyone: false },
  },
  guides: null,
}
