import { createIntake } from '../../jobs/alerts/intake.js'
import type { AlertJudge } from '../../jobs/alerts/judge.js'
import type { AlertParts } from '../../jobs/alerts/parts.js'
import { createBackupClock } from '../../jobs/backups/keeping.js'
import { createRaising } from '../../jobs/backups/raising.js'
import { tendScratch } from '../../jobs/backups/scratch.js'
import type { AppParts, Closing, Ground } from '../parts.js'

/** The clock of backups, for whoever keeps the clocks; none where nothing is backed up. */
export function backupRounds(
  { catalogue, clock, log }: AppParts,
  { store, world }: Pick<Ground, 'store' | 'world'>,
  alerts: AlertParts,
  judge: AlertJudge,
): (() => Promise<void>)[] {
  if (Object.keys(catalogue.backups).length === 0) return []
  const tell = createRaising({
    catalogue,
    firing: () => store.incidents.alerts.list({ firing: true, limit: 1_000 }),
    take: createIntake(alerts, judge),
  })
  const { backups: rows, desk: runs } = store
  const { engines } = world.backups
  return [createBackupClock({ catalogue, engines, rows, runs, tell, team: alerts.team, clock, log })]
}

const tendEvery = 60_000

/** Each worker looks after the scratch servers of its own machine, first of all those that one before it left. */
export function startScratchTending({ catalogue, clock, log }: AppParts, ground: Ground, opened: Closing[]): void {
  const databases = Object.keys(catalogue.backups)
  if (databases.length === 0) return
  const stopping = new AbortController()
  const { yards } = ground.world.backups
  const tending = async () => {
    while (!stopping.signal.aborted) {
      await tendScratch({ yards, runs: ground.store.desk, log }, databases)
      await clock.sleep(tendEvery, stopping.signal)
    }
  }
  const tended = tending()
  opened.push(async () => {
    stopping.abort()
    await tended
  })
}
