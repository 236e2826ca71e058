import type { BackupPolicy } from './backups/backup-policy.js'
import type { Routine } from './routines/routine.js'
import type { AlertsSection } from './sections/alerts.js'
import type { BreakGlass } from './sections/break-glass.js'
import type { IncidentsSection } from './sections/incidents.js'
import type { OnCallSection } from './sections/on-call.js'
import type { CustomersSection, FollowUpsSection, PagerDutySection, StatusPageSection } from './sections/outside.js'
import type { TaggingSettings } from './sections/tagging.js'
import type { Place } from './target.js'
import type { Cache, Database, Prometheus, Watch } from './watch.js'

/** The operator's file, checked and with its durations in milliseconds: what exists, who may, and who approves. */
export type Catalogue = {
  /** IANA name, for schedules and moments in text that Slack cannot localise. */
  zone: string
  slack: { adminGroup: string | null }
  /** While Slack cannot be reached, the terminal goes by its last member list for so long, in milliseconds; 0 never. */
  people: { snapshot: number }
  /** Called while Shipmate can work; `url` is a reference (`env:NAME`, `file:PATH`), `every` milliseconds. */
  deadMan: { url: string; every: number; fail: boolean } | null
  /** Durations in milliseconds. */
  incidents: IncidentsSection
  /** Who is on call, and who is called when nobody answers. */
  onCall: OnCallSection | null
  pagerduty: PagerDutySection | null
  statusPage: StatusPageSection | null
  customers: CustomersSection | null
  followUps: FollowUpsSection | null
  /** Who may send alerts, what they mean, and which of them open an incident. */
  alerts: AlertsSection
  databases: { [name: string]: Database }
  caches: { [name: string]: Cache }
  /** By database. */
  backups: { [database: string]: BackupPolicy }
  /** Recurring work, by name. */
  routines: { [name: string]: Routine }
  prometheus: Prometheus | null
  targets: { [name: string]: HostsTarget }
  services: { [name: string]: Service }
  environments: { [name: string]: Environment }
}

export type HostsTarget = {
  name: string
  driver: 'hosts'
  hosts: { name: string; url: string }[]
  proxy: { admin: string; public: string }
  /** A reference (`env:NAME`, `file:PATH`), never the secret. */
  token: string
}

export type Service = {
  name: string
  releases: { driver: 'folder'; path: string }
  /** Where people read its code; null when the file does not say. */
  repository: string | null
  /** Null: what is deployed is tagged by nobody, or by somebody else. */
  tagging: TaggingSettings | null
  /** By environment. */
  environments: { [environment: string]: Placement }
  /** By environment; what is looked at there when something is wrong. */
  watch: { [environment: string]: Watch }
}

/** How an environment places a service, with the most instances anybody may scale it to. */
export type Placement = Place & { maxInstances: number }

export type Environment = {
  name: string
  /** Slack channel id where cards appear. */
  channel: string
  /** `observe`: plans are shown, nothing is carried out. */
  mode: 'act' | 'observe'
  /** The service that is meant when none is named. */
  defaultService: string | null
  approvals: { [act in ApprovedAct]: ApprovalPolicy }
  may: { [act in PermittedAct]: Grant }
  /** The thread of a deploy or rollback holds the lines that go back without Shipmate. */
  byHand: boolean
  /** For when nobody who approves can be reached. */
  breakGlass: BreakGlass
}

/** Jobs that change which version runs, or how many of it. */
export type PlacedAct = 'deploy' | 'rollback' | 'scale'
/** What people may be asked to approve; `operate` is one action out of a guide, `restore` brings back data. */
export type ApprovedAct = PlacedAct | 'operate' | 'backup' | 'restore'
/** What a person needs a right for, in an environment. */
export type PermittedAct = ApprovedAct | 'lock' | 'breakGlass' | 'view'

/** `quorum` distinct people out of the groups or the list; 0 asks nobody. */
export type ApprovalPolicy = {
  quorum: number
  groups: string[]
  people: string[]
  requester: 'excluded' | 'counts' | 'self with confirmation'
  /** Milliseconds. */
  expires: number
}

/** Members of any of the groups, the people named, or every full member of the workspace. */
export type Grant = { groups: string[]; people: string[]; everyone: boolean }

/** What a run locks and queues by. */
export const resourceOf = (service: string, environment: string) => `${service}/${environment}`

/** The placement, or null when the service has no place there. */
export function placementOf(catalogue: Catalogue, service: string, environment: string): Placement | null {
  return own(own(catalogue.services, service)?.environments ?? {}, environment)
}

export function environmentOf(catalogue: Catalogue, name: string): Environment | null {
  return own(catalogue.environments, name)
}

/** Services that have a place in an environment, in the file's order. */
export function placedIn(catalogue: Catalogue, environment: string): string[] {
  return Object.keys(catalogue.services).filter((name) => placementOf(catalogue, name, environment) !== null)
}

/** Every placement, in the file's order. */
export function placements(catalogue: Catalogue): Placement[] {
  return Object.values(catalogue.services).flatMap((service) => Object.values(service.environments))
}

// A service called "constructor" must not find what every object inherits.
function own<T>(record: { [name: string]: T }, name: string): T | null {
  return Object.hasOwn(record, name) ? (record[name] ?? null) : null
}
