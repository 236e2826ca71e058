import type { IncidentId, IncidentView, Severity } from '../incident.js'
import type { TimelineEntry } from '../timeline.js'

/** A system that calls people and keeps incidents of its own, in its three states. */
export type MirrorState = 'triggered' | 'acknowledged' | 'resolved'
export type Urgency = 'high' | 'low'

/** What the other side was last told; `note` is the position of the last line of the timeline that it got. */
export type Told = { state: MirrorState; urgency: Urgency; note: number }

export type MirrorAct =
  | { do: 'tell'; state: MirrorState }
  | { do: 'urgency'; urgency: Urgency }
  | { do: 'note'; text: string; position: number }

/** What is so here and was not told there yet, in order; pure. Nothing before the first page, or after the end of what was told. */
export function mirrorDue(
  { incident }: IncidentView,
  timeline: readonly TimelineEntry[],
  told: Told | null,
  pages: boolean,
): MirrorAct[] {
  const state = stateOf(incident)
  const urgency = urgencyOf(incident.severity)
  if (!told && (!pages || state === 'resolved')) return []
  // What was over there and is open again here begins anew, and whoever took it is said afterwards.
  const begins = !told || (told.state === 'resolved' && state !== 'resolved')
  const before: MirrorState = begins ? 'triggered' : told.state
  const notes = timeline.filter(({ kind, position }) => position > (told?.note ?? 0) && worthTelling.has(kind))
  return [
    ...(begins ? [{ do: 'tell' as const, state: 'triggered' as const }] : []),
    ...(!begins && state !== 'resolved' && told.urgency !== urgency ? [{ do: 'urgency' as const, urgency }] : []),
    ...(state !== before && goesOn(before, state) ? [{ do: 'tell' as const, state }] : []),
    ...(incident.private ? [] : notes.map(({ text, position }) => ({ do: 'note' as const, text, position }))),
  ]
}

/** Notes of people and turns that matter; what the other side said itself is not told back. */
const worthTelling = new Set<TimelineEntry['kind']>(['note', 'decision', 'severity', 'state'])

const order: MirrorState[] = ['triggered', 'acknowledged', 'resolved']
const goesOn = (from: MirrorState, to: MirrorState) => order.indexOf(to) > order.indexOf(from)

export function stateOf({
  state,
  acknowledgedAt,
}: Pick<IncidentView['incident'], 'state' | 'acknowledgedAt'>): MirrorState {
  if (state !== 'open') return 'resolved'
  return acknowledgedAt ? 'acknowledged' : 'triggered'
}

export const urgencyOf = (severity: Severity): Urgency => (severity === 'SEV1' || severity === 'SEV2' ? 'high' : 'low')

/** What the other side was told once an act of it went through. */
export function toldAfter(told: Told | null, act: MirrorAct, severity: Severity): Told {
  const before = told ?? { state: 'triggered', urgency: urgencyOf(severity), note: 0 }
  if (act.do === 'tell') return { ...before, state: act.state }
  if (act.do === 'urgency') return { ...before, urgency: act.urgency }
  return { ...before, note: act.position }
}

/** The other side, in our words. */
export type OtherPager = {
  /** Its incident as it is now; null when it has none. */
  look(incident: MirroredIncident): Promise<{ id: string; state: MirrorState; urgency: Urgency } | null>
  tell(incident: MirroredIncident, state: MirrorState): Promise<void>
  setUrgency(incident: MirroredIncident, urgency: Urgency): Promise<void>
  /** Once for its position. */
  note(incident: MirroredIncident, text: string, position: number): Promise<void>
}

export type MirroredIncident = {
  id: IncidentId
  service: string
  /** The same for the same incident, always. */
  key: string
  /** The other side's own id, when the incident came from there. */
  theirs: string | null
  summary: string
  severity: Severity
  link: string | null
}

export type Mirrors = {
  told(incident: IncidentId, system: string): Promise<Told | null>
  remember(incident: IncidentId, system: string, told: Told, at: Date): Promise<void>
}
