import type { RunId } from '../../runs/run.js'
import type { IncidentId } from '../incident.js'
import type { StepEnd } from './score.js'

/** The key of a score in its drill's timeline begins so, then comes the run of the guide. */
export const scorePrefix = 'drill-scored:'

/** A guide was rehearsed: when, in which drill, and its score. */
export type Rehearsed = { at: Date; incident: IncidentId; points: number; of: number }

/** What is known of a guide: its last rehearsal, and when it last was followed to its end where something was broken. */
export type GuideHistory = { drill: Rehearsed | null; followed: Date | null }

export type Rehearsals = {
  of(guide: string): Promise<GuideHistory>
  /** Each end of a step of a run, from the trail. */
  ends(run: RunId): Promise<StepEnd[]>
}
