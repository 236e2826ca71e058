import type { RunId } from './run.js'

/** What tells whether Shipmate can work, read in the same moment as a row was written. */
export type VitalSigns = {
  /** Workers whose session lives and whose pulse is fresh. */
  workers: number
  /** Runs that should be moving and that nobody carries. */
  waiting: RunId[]
  /** Cards that show something old, and since when the oldest does. */
  untold: { cards: number; since: Date | null }
}

/** Writes, then looks; throws ShipmateError when the database cannot be written or read. */
export type LookAtVitalSigns = (now: Date) => Promise<VitalSigns>

const toldWithin = 300_000
/** Slack takes about 50 cards a minute and channel, so a crowd may wait longer and nothing is wrong. */
const perCard = 3_000

/** Why Shipmate cannot be said to work, one plain line each; empty when it can. `before`: the look before this one. */
export function whatFails(signs: VitalSigns, before: VitalSigns | null, now: Date): string[] {
  const stuck = signs.waiting.filter((run) => before?.waiting.includes(run))
  const { cards, since } = signs.untold
  const late = since !== null && now.getTime() - since.getTime() > toldWithin + perCard * cards
  return [
    ...(signs.workers === 0 ? ['no worker is alive'] : []),
    ...(stuck.length > 0 ? [`nobody carries ${stuck.map((run) => `#${run}`).join(', ')}`] : []),
    ...(late ? [`${cards} ${cards === 1 ? 'card waits' : 'cards wait'} to be told since ${since.toISOString()}`] : []),
  ]
}
