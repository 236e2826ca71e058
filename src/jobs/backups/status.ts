import { troublesOf } from '../../backups/health.js'
import type { DatabaseStatus } from '../../backups/status.js'
import { asShipmateError } from '../../errors.js'
import type { BackupPolicy } from '../../releases/backups/backup-policy.js'
import type { RunRecord } from '../../runs/run.js'
import { type DeskParts, within } from '../desk/parts.js'
import { homeOf } from './database.js'
import { liveRuns, sightOf } from './sight.js'

const patience = 1_500

/** How the backups of one database stand, from our own rows; its engine is asked only what it can do. */
export async function statusOf(parts: DeskParts, policy: BackupPolicy): Promise<DatabaseStatus> {
  const { catalogue, backups, desk, clock } = parts
  const now = clock.now()
  const [sight, live, engine] = await Promise.all([
    sightOf({ catalogue, book: backups.book, runs: desk }, policy, now),
    liveRuns(desk, policy.database),
    within(parts, patience, backups.engines(policy.database)).catch(asShipmateError),
  ])
  const absent = engine === null || engine instanceof Error
  return {
    database: policy.database,
    environment: homeOf(catalogue, policy.database).environment,
    engine: absent ? policy.engine.driver : engine.name,
    cannot: absent ? (engine ? [engine.message] : []) : engine.able.cannot,
    ...{ backups: sight.backups, drills: sight.drills, samples: sight.samples, look: sight.look },
    timetable: policy.schedule,
    zone: catalogue.zone,
    limit: policy.proven,
    troubles: troublesOf(sight, now),
    live: await Promise.all(live.map((run) => shownRun(parts, run))),
  }
}

async function shownRun(
  { desk }: DeskParts,
  { id, intent, state }: RunRecord,
): Promise<DatabaseStatus['live'][number]> {
  const view = await desk.view(id)
  const progress = view?.steps.find((step) => step.state === 'running')?.progress?.text ?? null
  const kind = typeof intent.input.kind === 'string' ? intent.input.kind : null
  return { run: id, job: intent.job, kind, state, progress }
}
