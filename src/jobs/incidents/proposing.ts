import type { IncidentView } from '../../incidents/incident.js'
import type { IncidentChange, IncidentReads } from '../../incidents/ports.js'
import { gateState } from '../../incidents/resolving.js'
import { rolledBackUnsettled } from '../../incidents/review/suspects.js'
import type { IncidentSettings } from '../../incidents/settings.js'
import type { RunDesk } from '../../runs/ports.js'
import type { RunView } from '../../runs/run.js'

type Proposing = {
  runs: Pick<RunDesk, 'view'>
  reads: Pick<IncidentReads, 'timeline'>
  settings: IncidentSettings
}

/** A suspect that was rolled back, after which all turned green, was likely the cause: people are asked once. */
export async function verdictsProposed(
  { runs, reads, settings }: Proposing,
  view: IncidentView,
  now: Date,
): Promise<{ change?: IncidentChange }> {
  const { state, id } = view.incident
  const well = state === 'resolved' || (state === 'open' && gateState(view.gate, settings.gate.green, now).open)
  if (!well || !view.suspects.some(({ run }) => run !== null)) return {}
  const suspected = view.suspects.flatMap(({ run }) => run ?? [])
  const numbers = new Set([...view.runs.map(({ run }) => run), ...suspected])
  const found = await Promise.all([...numbers].map((run) => runs.view(run)))
  const timeline = await reads.timeline(id)
  const known = new Set(timeline.map(({ key }) => key))
  const proposed = rolledBackUnsettled(
    view,
    timeline,
    found.filter((run): run is RunView => run !== null),
  )
  const fresh = proposed.filter(({ suspect }) => !known.has(keyOf(suspect.key)))
  if (fresh.length === 0) return {}
  const said = fresh.map(({ suspect, by }) => ({
    key: keyOf(suspect.key),
    suspect: suspect.key,
    text: `All is well since #${by.run.id} rolled it back. Was it the cause: ${suspect.text}?`,
  }))
  return {
    change: {
      timeline: said.map(({ key, text }) => ({ key, kind: 'suspect', at: now, by: null, text })),
      posts: said.map(({ key, text, suspect }) => ({
        ...{ key, text, to: { kind: 'thread' as const } },
        drawing: { name: 'suspect', data: { suspect } },
      })),
    },
  }
}

const keyOf = (suspect: string) => `verdict-proposed:${suspect}`
