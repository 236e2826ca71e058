import { changed, type Deciding, type Decision } from './deciding.js'
import { type Impact, type Proposal, type Severity, severities } from './incident.js'
import type { IncidentSettings } from './settings.js'

/** SEV1 counts as worse than SEV2. */
export const isWorse = (one: Severity, than: Severity): boolean => severities.indexOf(one) < severities.indexOf(than)

/**
 * The severity that the figures speak for: a quarter of requests or users is SEV1, five in a hundred SEV2, anything
 * that people notice SEV3. Null without a figure.
 */
export function proposed(impact: Impact): Proposal | null {
  const share = Math.max(impact.requests ?? -1, impact.users ?? -1)
  // That nobody was counted yet says nothing while requests are not measured.
  if (share < 0 || (share === 0 && impact.requests === null)) return null
  const whom = impact.users !== null && impact.users === share ? 'users' : 'requests'
  const why = `${percent(share)} of ${whom} ${share > 0 ? 'see it' : 'see nothing of it'}`
  if (share >= 0.25) return { severity: 'SEV1', why }
  if (share >= 0.05) return { severity: 'SEV2', why }
  return { severity: share > 0 ? 'SEV3' : 'SEV4', why }
}

/** A person's word counts, also against the proposal. Who is promised updates hears by when. */
export function setSeverity(deciding: Deciding, severity: Severity, settings: IncidentSettings): Decision {
  const { view, by, now } = deciding
  const { incident } = view
  if (incident.severity === severity) return { kind: 'so already', text: `It is ${severity} already.` }
  const every = settings.severities[severity].updateEvery
  const latest = every === null ? null : new Date(now.getTime() + every)
  // A promise that was given is kept, or made for sooner.
  const nextUpdate = earlier(incident.nextUpdate, latest)
  const text = `${incident.severity} became ${severity}.`
  const key = `severity:${incident.version}`
  return changed(text, {
    set: { severity, nextUpdate, proposal: null, wakeAt: now },
    timeline: [{ key, kind: 'severity', at: now, by, text }],
    posts: [{ key, to: { kind: isWorse(severity, incident.severity) ? 'room' : 'thread' }, text }],
    audit: [{ actor: by, act: 'set the severity', subject: { from: incident.severity, to: severity } }],
  })
}

const earlier = (a: Date | null, b: Date | null): Date | null => (a && b ? (a < b ? a : b) : (b ?? a))

const percent = (share: number): string =>
  `${share > 0 && share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`
