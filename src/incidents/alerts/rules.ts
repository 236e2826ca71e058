import type { AlertsSection } from '../../releases/sections/alerts.js'
import type { AlertNotice, OutsideChange } from '../alert.js'
import type { Severity } from '../incident.js'

/** What the operator's file says about alerts. */
export type AlertRules = Pick<
  AlertsSection,
  'declare' | 'storm' | 'severity' | 'labels' | 'routes' | 'silence' | 'unheard'
> & {
  channel: string | null
}

/** Names that exist; a label may hold anything. */
export type Names = { services: string[]; environments: string[] }

export const rulesOf = ({
  declare,
  channel,
  storm,
  severity,
  labels,
  routes,
  silence,
  unheard,
}: AlertsSection): AlertRules => ({
  ...{ declare, storm, severity, labels, routes, silence, unheard },
  channel: channel ?? null,
})

type Labels = { [name: string]: string }

/** What an alert with these labels is about, what it means and what becomes of it. */
export type Routed = {
  service: string | null
  environment: string | null
  severity: Severity | null
  declare: Severity[]
  channel: string | null
  ignore: boolean
}

/** What senders say when the operator's file says nothing else. */
const usual: { [word: string]: Severity } = {
  ...{ critical: 'SEV1', page: 'SEV1', fatal: 'SEV1', emergency: 'SEV1', p1: 'SEV1', sev1: 'SEV1' },
  ...{ error: 'SEV2', high: 'SEV2', p2: 'SEV2', sev2: 'SEV2', major: 'SEV2' },
  ...{ warning: 'SEV3', warn: 'SEV3', medium: 'SEV3', p3: 'SEV3', sev3: 'SEV3', minor: 'SEV3' },
  ...{ info: 'SEV4', low: 'SEV4', none: 'SEV4', debug: 'SEV4', p4: 'SEV4', p5: 'SEV4', sev4: 'SEV4' },
}

/** Every route whose labels all match adds what it says; of two that say the same thing the first counts. */
export function routed(labels: Labels, rules: AlertRules, names: Names): Routed {
  const matching = rules.routes.filter(({ match }) =>
    Object.entries(match).every(([name, wanted]) => fits(wanted, labelOf(labels, name))),
  )
  const said = <Key extends 'service' | 'environment' | 'severity' | 'declare' | 'channel'>(key: Key) =>
    matching.find((route) => route[key] !== undefined)?.[key]
  return {
    service: said('service') ?? named(labels, rules.labels.service, names.services),
    environment: said('environment') ?? named(labels, rules.labels.environment, names.environments),
    severity: said('severity') ?? severityIn(labels, rules),
    declare: said('declare') ?? rules.declare,
    channel: said('channel') ?? rules.channel,
    ignore: matching.some(({ ignore }) => ignore),
  }
}

/** The notice with what the operator's file makes of its labels; what the sender said of itself comes first. */
export function routedNotice(notice: AlertNotice, rules: AlertRules, names: Names): AlertNotice {
  const { service, environment, severity } = routed(notice.labels, rules, names)
  return {
    ...notice,
    service: known(notice.service, names.services) ?? service,
    environment: known(notice.environment, names.environments) ?? environment,
    severity: severity ?? notice.severity,
  }
}

export function routedChange(change: OutsideChange, labels: Labels, rules: AlertRules, names: Names): OutsideChange {
  const { service, environment } = routed(labels, rules, names)
  return {
    ...change,
    service: known(change.service, names.services) ?? service ?? change.service,
    environment: known(change.environment, names.environments) ?? environment ?? change.environment,
  }
}

const known = (name: string | null, names: string[]) => (name !== null && names.includes(name) ? name : null)

/** Only names that exist count: `job="node"` is no service of ours. */
const named = (labels: Labels, from: string[], names: string[]): string | null =>
  from.map((label) => labelOf(labels, label)).find((value) => value !== undefined && names.includes(value)) ?? null

function severityIn(labels: Labels, { severity }: AlertRules): Severity | null {
  const word = severity.labels.map((label) => labelOf(labels, label)).find((value) => value !== undefined)
  if (word === undefined) return null
  const said = Object.entries(severity.map).find(([name]) => name.toLowerCase() === word.toLowerCase())
  return said?.[1] ?? (Object.hasOwn(usual, word.toLowerCase()) ? (usual[word.toLowerCase()] ?? null) : null)
}

const labelOf = (labels: Labels, name: string): string | undefined =>
  Object.hasOwn(labels, name) ? labels[name] : undefined

function fits(wanted: string, value: string | undefined): boolean {
  if (value === undefined) return false
  const pattern = /^\/(.+)\/$/.exec(wanted)?.[1]
  return pattern === undefined ? value === wanted : new RegExp(pattern, 'u').test(value)
}
