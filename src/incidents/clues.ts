import type { Impact, Suspect } from './incident.js'

/** Where something is broken, since when, and the moment of looking; nulls while nobody can tell. */
export type Scene = {
  service: string | null
  environment: string | null
  since: Date
  now: Date
  /** The alert that opened it: what tells of the trouble did not cause it. */
  openedBy?: number | null
}

/** What one look found. `skipped`: why nothing could be looked at, such as that it is not set up; null when it was. */
export type Found = { suspects: Suspect[]; impact: Impact | null; skipped: string | null }

/**
 * One place to look for what may have caused an incident, or for whom it breaks what. Observes and changes nothing;
 * heeds `signal`; throwing means that it could not be told, which is said and stops no other look.
 */
export type Clue = { name: string; look(scene: Scene, signal: AbortSignal): Promise<Found> }

export const nothingFound: Found = { suspects: [], impact: null, skipped: null }
export const notLooked = (why: string): Found => ({ suspects: [], impact: null, skipped: why })
