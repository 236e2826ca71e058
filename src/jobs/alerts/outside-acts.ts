import type { OutsideAct } from '../../incidents/alerts/ports.js'
import type { Deciding } from '../../incidents/deciding.js'
import { type IncidentView, nameOf } from '../../incidents/incident.js'
import type { IncidentChange } from '../../incidents/ports.js'
import { gateState, resolve } from '../../incidents/resolving.js'
import type { IncidentSettings } from '../../incidents/settings.js'
import type { Actor } from '../../runs/run.js'
import { type AlertParts, changeIncident } from './parts.js'

/** What somebody did in PagerDuty to an incident of ours becomes so here, once. */
export async function applyOutsideAct(parts: AlertParts, act: OutsideAct): Promise<void> {
  await changeIncident(parts, act.incident, (view) => changeFor(view, act, parts.settings, parts.clock.now()))
}

/**
 * Pure. Nothing for what a program did there, which may be an echo of ours, and nothing where it is so already: that is
 * what keeps two systems from answering each other for ever.
 */
export function changeFor(
  view: IncidentView,
  act: OutsideAct,
  settings: IncidentSettings,
  now: Date,
): IncidentChange | null {
  const { incident } = view
  if (act.machine || incident.state !== 'open') return null
  const by: Actor = { kind: 'machine', id: act.source, name: `${act.by} (in PagerDuty)` }
  if (act.kind === 'acknowledged') return incident.acknowledgedAt === null ? acknowledged(act, by) : null
  return act.kind === 'resolved' ? resolved({ view, by, now }, act, settings) : null
}

const acknowledged = (act: OutsideAct, by: Actor): IncidentChange => ({
  set: { acknowledgedAt: act.at, wakeAt: act.at },
  timeline: [
    {
      key: `acknowledged:${act.source}`,
      kind: 'page',
      at: act.at,
      by,
      text: `${act.by} acknowledged it in PagerDuty.`,
    },
  ],
  posts: [
    { key: `acknowledged:${act.source}`, to: { kind: 'thread' }, text: `${act.by} acknowledged it in PagerDuty.` },
  ],
  audit: [{ actor: by, act: 'acknowledged', subject: { source: act.source } }],
})

/** The gate holds for PagerDuty too: a closed one is said, and somebody who knows why resolves it here. */
function resolved(deciding: Deciding, act: OutsideAct, settings: IncidentSettings): IncidentChange | null {
  const { view, by, now } = deciding
  const gate = gateState(view.gate, settings.gate.green, now)
  if (gate.open) {
    const decision = resolve(deciding, settings, null)
    return decision.kind === 'change' ? decision.change : null
  }
  const key = `resolved-outside:${act.at.getTime()}`
  const text = `${act.by} resolved it in PagerDuty. ${nameOf(view.incident.id)} stays open here: ${gate.standing}. /incident resolve because … if it is over.`
  return {
    set: { wakeAt: now, ...(view.incident.acknowledgedAt === null ? { acknowledgedAt: act.at } : {}) },
    timeline: [{ key, kind: 'page', at: act.at, by, text: `${act.by} resolved it in PagerDuty.` }],
    posts: [{ key, to: { kind: 'thread' }, text }],
    audit: [{ actor: by, act: 'resolved outside', subject: { source: act.source, gate: gate.standing } }],
  }
}
