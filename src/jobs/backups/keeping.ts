import type { BackupEngine, EngineAbilities, Engines } from '../../backups/engine.js'
import { type Trouble, troublesOf } from '../../backups/health.js'
import type { BackupBook, BackupDesk } from '../../backups/ports.js'
import { type Due, dueNow, isBackup } from '../../backups/schedule.js'
import type { Clock } from '../../clock.js'
import { timeLimit } from '../../clock.js'
import { asShipmateError } from '../../errors.js'
import type { JsonObject } from '../../json.js'
import type { Log } from '../../log.js'
import type { BackupPolicy, Timetable } from '../../releases/backups/backup-policy.js'
import { type Catalogue, environmentOf } from '../../releases/catalogue.js'
import type { RunDesk } from '../../runs/ports.js'
import type { Intent, RunRecord } from '../../runs/run.js'
import { jobOf } from '../jobs.js'
import { homeOf, shipmateItself } from './database.js'
import { liveRuns, sightOf } from './sight.js'

export type BackupKeeperParts = {
  catalogue: Catalogue
  engines: Engines
  rows: BackupBook & BackupDesk
  runs: Pick<RunDesk, 'submit' | 'list'>
  /** Raises what is wrong with a database, and ends what is well again. */
  tell(database: string, troubles: Trouble[], now: Date): Promise<void>
  team(): Promise<string>
  clock: Clock
  log: Log
}

/** How often a storage is looked at, and how long that may take. */
const lookEvery = 60_000
const patience = 45_000

/**
 * The clock of backups: starts what is due, looks at what the storages hold, and tells what is wrong. One process keeps
 * it at a time; all it knows is in rows, so whoever keeps it next goes on. Answers one round, harmless when done again.
 */
export function createBackupClock(parts: BackupKeeperParts): () => Promise<void> {
  const looked = new Map<string, number>()
  return async () => {
    const policies = Object.values(parts.catalogue.backups)
    // Each by itself: a storage that does not answer keeps no other database waiting.
    await Promise.all(
      policies.map((policy) =>
        kept(parts, policy, looked).catch((thrown) =>
          parts.log.warn(
            { database: policy.database, err: thrown },
            'a database was not looked after; it is tried again',
          ),
        ),
      ),
    )
  }
}

async function kept(parts: BackupKeeperParts, policy: BackupPolicy, looked: Map<string, number>): Promise<void> {
  const { engines, clock } = parts
  const engine = await engines(policy.database).catch(asShipmateError)
  const able = engine instanceof Error ? null : engine.able
  const timed = { ...policy, schedule: timetableOf(policy.schedule, able) }
  if (able) await startDue(parts, timed)
  const now = clock.now()
  if (now.getTime() - (looked.get(policy.database) ?? 0) < lookEvery) return
  looked.set(policy.database, now.getTime())
  if (!(await look(parts, policy.database, engine))) {
    looked.delete(policy.database)
    return
  }
  const sight = await sightOf({ catalogue: parts.catalogue, book: parts.rows, runs: parts.runs }, timed, clock.now())
  await parts.tell(policy.database, troublesOf(sight, clock.now()), clock.now())
}

/** What an engine cannot take is never due, whatever the schedule says. */
export function timetableOf(schedule: Timetable, able: Pick<EngineAbilities, 'kinds' | 'scratch'> | null): Timetable {
  if (!able) return schedule
  const kept = Object.entries(schedule).map(([work, text]) => {
    const can = work === 'drill' ? able.scratch : work === 'verify' || (able.kinds as string[]).includes(work)
    return [work, can ? text : null]
  })
  return Object.fromEntries(kept) as Timetable
}

async function startDue(parts: BackupKeeperParts, policy: BackupPolicy): Promise<void> {
  const { catalogue, rows, clock } = parts
  const { database } = policy
  const home = homeOf(catalogue, database)
  // Where nothing is carried out, nothing is asked for either: it would only be refused.
  if (environmentOf(catalogue, home.environment)?.mode !== 'act') return
  const now = clock.now()
  const clockwork = await rows.clockwork(database, now)
  const due = dueNow({ timetable: policy.schedule, zone: catalogue.zone, ...clockwork }, now)
  if (due.start.length === 0) return
  const live = await liveRuns(parts.runs, database)
  for (const one of due.start) {
    // It is taken up when that one has ended: of all that was missed meanwhile, only the last.
    if (live.some(({ intent }) => intent.job === jobFor(one))) continue
    const run = await started(parts, database, home, one)
    const stoodFor = isBackup(one.work) ? due.stoodFor : []
    for (const { work, at } of [one, ...stoodFor]) await rows.started(database, work, at, run, now)
  }
}

const jobFor = ({ work }: Due): string => (isBackup(work) ? 'backup' : work)

async function started(
  { runs, clock, team, log }: BackupKeeperParts,
  database: string,
  home: { service: string; environment: string },
  due: Due,
): Promise<number> {
  const job = jobOf(jobFor(due))
  const because = 'schedule'
  const input: JsonObject = isBackup(due.work) ? { database, kind: due.work, because } : { database, because }
  const intent: Intent = { job: job.name, ...home, input }
  const { run } = await runs.submit({
    requestKey: `schedule:${database}:${due.work}:${due.at.toISOString()}`,
    team: await team(),
    intent,
    resources: job.resources(intent),
    priority: job.priority,
    requestedBy: shipmateItself,
    via: 'schedule',
    parent: null,
    at: clock.now(),
  })
  log.info({ database, work: due.work, due: due.at, missed: due.missed, run: run.id }, 'a scheduled run was asked for')
  return run.id
}

/** What the storage holds, or why it cannot be told. False: the server is away because a restore has it stopped. */
async function look(parts: BackupKeeperParts, database: string, engine: BackupEngine | Error): Promise<boolean> {
  const { rows, clock, log } = parts
  const began = clock.now()
  const before = await swapsOf(parts, database)
  try {
    if (engine instanceof Error) throw engine
    const signal = timeLimit(patience)
    const holding = await engine.holding({ signal, clock, log, progress: () => {} })
    if (holding.archive?.failing && (await wasSwapped(parts, database, before))) return false
    await rows.seen(database, holding, began)
  } catch (thrown) {
    if (await wasSwapped(parts, database, before)) return false
    const { message, next } = asShipmateError(thrown)
    await rows.unseen(database, { text: message, next: next ?? null }, began)
  }
  return true
}

const swaps = ['restore', 'take-back']

const swapsOf = async ({ runs }: BackupKeeperParts, database: string): Promise<RunRecord[]> =>
  (await liveRuns(runs, database)).filter(({ intent }) => swaps.includes(intent.job))

/**
 * Whether a restore may have had the server stopped since then. What failed meanwhile is no alert: people know that they took
 * it away, and it is looked at again right afterwards. One that waits for people stops nothing.
 */
async function wasSwapped(parts: BackupKeeperParts, database: string, before: RunRecord[]): Promise<boolean> {
  const now = await swapsOf(parts, database)
  return now.some(({ state }) => state !== 'waiting') || before.some(({ id }) => !now.some((one) => one.id === id))
}
