import { shownDuration } from '../releases/durations.js'
import { changed, type Deciding, type Decision, denied } from './deciding.js'
import { openFixes } from './fixes.js'
import { type GateLine, nameOf } from './incident.js'
import type { IncidentSettings } from './settings.js'

/** What the resolve gate says: open when every line has been green for long enough; what is not set up does not count. */
export type GateState = { open: boolean; green: number; of: number; standing: string; opensAt: Date | null }

export function gateState(gate: readonly GateLine[], greenFor: number, now: Date): GateState {
  const counted = gate.filter(({ outcome }) => outcome !== 'skip')
  const green = counted.filter(({ outcome }) => outcome === 'pass' || outcome === 'warn')
  const since = green.map(({ greenSince, at }) => (greenSince ?? at).getTime())
  const of = counted.length
  // Nothing that could be looked at is no proof that all is well.
  if (of === 0) return { open: false, green: 0, of, standing: 'nothing to look at is set up', opensAt: null }
  if (green.length < of)
    return { open: false, green: green.length, of, standing: `${green.length} of ${of} checks green`, opensAt: null }
  const opensAt = new Date(Math.max(...since) + greenFor)
  const open = opensAt <= now
  const standing = open
    ? `${of} of ${of} checks green for ${shownDuration(greenFor)}`
    : `${of} of ${of} checks green, for ${shownDuration(opensAt.getTime() - now.getTime())} more to be sure`
  return { open, green: of, of, standing, opensAt }
}

/** Over when the gate says so, or when a person says so with a reason. */
export function resolve(deciding: Deciding, settings: IncidentSettings, override: string | null): Decision {
  const { view, by, now } = deciding
  const { incident } = view
  if (incident.state !== 'open') return { kind: 'so already', text: `${nameOf(incident.id)} is ${incident.state}.` }
  const gate = gateState(view.gate, settings.gate.green, now)
  const reason = override?.trim().replace(/[.\s]+$/, '') ?? ''
  if (!gate.open && reason === '')
    return denied(
      'gate-closed',
      `${nameOf(incident.id)} was not resolved.`,
      `The gate stays closed: ${gate.standing}.`,
      'Wait for the checks, or resolve it with a reason: /incident resolve because …',
    )
  const open = reason === '' ? gate.standing : `${gate.standing}: ${reason}`
  const how = gate.open ? open : `with a reason, against the gate (${gate.standing}): ${reason}`
  const text = `${nameOf(incident.id)} is resolved after ${shownDuration(now.getTime() - incident.declaredAt.getTime())}.`
  const key = `resolved:${incident.version}`
  return changed(text, {
    set: { state: 'resolved', resolvedAt: now, nextUpdate: null, wakeAt: now },
    timeline: [{ key, kind: 'state', at: now, by, text: `Resolved, ${how}.`, ...(reason && { data: { reason } }) }],
    posts: [{ key, to: { kind: 'room' }, text: `${text}\nResolved by ${by.name}, ${how}.` }],
    audit: [{ actor: by, act: 'resolved', subject: { gate: gate.standing, override: !gate.open } }],
  })
}

/** It was not over. What was promised begins anew. */
export function reopen(deciding: Deciding, settings: IncidentSettings, why: string): Decision {
  const { view, by, now } = deciding
  const { incident } = view
  if (incident.state === 'open') return { kind: 'so already', text: `${nameOf(incident.id)} is open.` }
  const every = settings.severities[incident.severity].updateEvery
  const reason = why.trim() === '' ? '' : `: ${why.trim()}`
  const text = `${nameOf(incident.id)} was reopened by ${by.name}${reason}.`
  const key = `reopened:${incident.version}`
  return changed(text, {
    set: {
      ...{ state: 'open', resolvedAt: null, archivedAt: null, duplicateOf: null, wakeAt: now },
      nextUpdate: every === null ? null : new Date(now.getTime() + every),
    },
    timeline: [{ key, kind: 'state', at: now, by, text }],
    posts: [{ key, to: { kind: 'room' }, text }],
    audit: [{ actor: by, act: 'reopened', subject: {} }],
  })
}

/** Nothing more is expected of anybody; its channel can be archived too. */
export function archive(deciding: Deciding): Decision {
  const { view, by, now } = deciding
  const { incident } = view
  if (incident.state === 'open')
    return denied('still-open', 'It was not archived.', `${nameOf(incident.id)} is still open.`, 'Resolve it first.')
  if (incident.state === 'archived') return { kind: 'so already', text: `${nameOf(incident.id)} is archived.` }
  return changed(`${nameOf(incident.id)} is archived.`, {
    // What somebody named as its fix is followed on.
    set: { state: 'archived', archivedAt: now, wakeAt: openFixes(view.tasks).length > 0 ? now : null },
    timeline: [{ key: `archived:${incident.version}`, kind: 'state', at: now, by, text: 'Archived.' }],
    audit: [{ actor: by, act: 'archived', subject: {} }],
  })
}
