import type { BackupBook, BackupDesk } from '../backups/ports.js'
import { type Clock, systemClock } from '../clock.js'
import { asShipmateError, refused } from '../errors.js'
import type { Log } from '../log.js'
import type { MemberLists } from '../releases/people.js'
import type { Deployments } from '../releases/release.js'
import type { Tokens } from '../releases/tokens.js'
import type { Boards } from '../runs/boards.js'
import type { Inbox } from '../runs/inbox.js'
import type { LockDesk, RunDesk, RunStore } from '../runs/ports.js'
import type { RunId } from '../runs/run.js'
import type { Takeovers } from '../runs/takeover.js'
import type { Leadership, Telling } from '../runs/telling.js'
import type { LookAtVitalSigns } from '../runs/vital-signs.js'
import { type Audit, createAudit } from './audit.js'
import { createMemberLists } from './away/member-lists.js'
import { createTakeovers } from './away/takeovers.js'
import { createVitalSigns } from './away/vital-signs.js'
import { createBackupBook } from './backups/backup-book.js'
import { createBackupDesk } from './backups/backup-desk.js'
import { createClaims } from './claims.js'
import { type ConnectionPlan, type Database, openDatabase } from './database.js'
import { createDeployments } from './deployments.js'
import { underWay } from './group.js'
import { createInbox, type StoreInbox } from './inbox.js'
import { createIncidents, type Incidents } from './incidents/incidents.js'
import { createLeadership } from './leadership.js'
import { createLockDesk } from './locks/lock-desk.js'
import { keepLocks } from './locks/lock-keeper.js'
import { appRole, migrate } from './migrate.js'
import { createRoutines, type Routines } from './routines/routines.js'
import { createRunDesk } from './run-desk.js'
import { createRunStore } from './run-store.js'
import { openSignals, type StoreSignals } from './signals.js'
import { createBoards } from './telling/boards.js'
import { createTelling } from './telling/telling.js'
import { createTokens } from './tokens.js'
import { openLanes } from './writing/lanes.js'
import { createPace } from './writing/pace.js'

export type Store = {
  runs: RunStore
  desk: RunDesk
  locks: LockDesk
  /** Ends locks held by hand at their moment, until `stop`; a worker does so. Never rejects. */
  keepLocks(stop: AbortSignal): Promise<void>
  signals: StoreSignals
  telling: Telling
  boards: Boards
  incidents: Incidents
  leadership: Leadership
  inbox: Inbox
  deployments: Deployments
  backups: BackupBook & BackupDesk
  routines: Routines
  tokens: Tokens
  memberLists: MemberLists
  takeovers: Takeovers
  vitalSigns: LookAtVitalSigns
  /** Makes this process a worker that others see, before it has a run to carry. */
  standBy(): Promise<void>
  audit: Audit
  health(): Promise<StoreHealth>
  /** Lets go of every claim and closes all connections. */
  close(): Promise<void>
}

export type StoreHealth = { reachable: true; server: string } | { reachable: false; problem: string }

export type StoreOptions = {
  /** Who migrates, and owns the tables. */
  ownerUrl: string
  /** Who the application connects as; without it the owner's url with the application role taken on. */
  appUrl?: string
  log: Log
  clock?: Clock
  /** A worker or leader that is silent for so long is taken over even though its session lives. */
  hungAfterMs?: number
  /** A front's, whose database is migrated by then; without it there is one that opens when it is used. */
  inbox?: StoreInbox
}

/** Generous: a pause of the whole machine, or a long garbage collection, is no death. */
const defaultHungAfterMs = 60_000

/**
 * Migrates the database and connects to it under the application role.
 * Throws ShipmateError: database-unreachable, database-too-old, database-role-missing, database-role-too-strong,
 * database-other-version, migration-failed.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { ownerUrl, appUrl, log, clock = systemClock, hungAfterMs = defaultHungAfterMs } = options
  if (!options.inbox) await migrate(ownerUrl, log)
  const plan = (name: string): ConnectionPlan => ({ url: appUrl ?? ownerUrl, name: `shipmate ${name}`, role: appRole })
  const database = openDatabase(plan('rows'), log)
  try {
    const [signals] = await Promise.all([openSignals(plan('signals'), clock, log), refuseStrongRole(database)])
    const inbox = options.inbox ?? createInbox(plan, clock, log)
    return composed({ database, signals, inbox, plan, log, clock, hungAfterMs })
  } catch (thrown) {
    await database.close()
    throw thrown
  }
}

type Parts = {
  database: Database
  signals: StoreSignals
  inbox: StoreInbox
  plan(name: string): ConnectionPlan
  log: Log
  clock: Clock
  hungAfterMs: number
}

function composed({ database, signals, inbox, plan, log, clock, hungAfterMs }: Parts): Store {
  const claims = createClaims({ plan: plan('claims'), clock, log, hungAfterMs })
  const leadership = createLeadership({ plan: plan('leader'), clock, log, hungAfterMs })
  const lanes = openLanes(plan('steps'), log, underWay)
  const locks = createLockDesk(database)
  const pace = createPace(clock, (run, epoch) => told(database, run, epoch))
  const runs = createRunStore({ database, lanes, claims, clock, pace })
  return {
    runs,
    desk: createRunDesk(database),
    locks,
    keepLocks: (stop) => keepLocks({ locks, onLocks: signals.onLocks, clock, log }, stop),
    signals,
    telling: createTelling(database, clock),
    boards: createBoards(database),
    incidents: createIncidents(database, clock, plan('alerts')),
    leadership,
    inbox,
    deployments: createDeployments(database),
    backups: { ...createBackupBook(database), ...createBackupDesk(database) },
    routines: createRoutines(database),
    tokens: createTokens(database),
    memberLists: createMemberLists(database),
    takeovers: createTakeovers(database, hungAfterMs),
    vitalSigns: createVitalSigns(database, runs.due, Math.min(hungAfterMs, freshMs)),
    standBy: claims.standBy,
    audit: createAudit(database),
    health: () => health(database),
    close: async () => {
      await Promise.all([claims.close(), signals.close(), leadership.close(), inbox.close(), pace.close()])
      await lanes.close()
      await database.close()
    },
  }
}

/** Three pulses of a worker that is well. */
const freshMs = 30_000

/** A hint that may be missed: whoever draws looks at the rows from time to time. */
async function told(database: Database, run: RunId, epoch: number): Promise<void> {
  await database.query('select shipmate.tell_changed($1, $2)', [run, epoch]).catch(() => {})
}

/** A pooler that drops SET ROLE, or a superuser, would leave the audit trail unprotected without a word. */
async function refuseStrongRole(database: Database): Promise<void> {
  const [row] = await database.query<{ user: string; strong: boolean }>(
    `select current_user as user, has_table_privilege('shipmate.audit', 'update')
       or has_table_privilege('shipmate.audit', 'delete') or has_table_privilege('shipmate.audit', 'truncate') as strong`,
  )
  if (!row?.strong) return
  throw refused('database-role-too-strong', 'the application could rewrite its own audit trail', {
    wanted: `a connection under the role ${appRole}`,
    came: `a connection as ${row.user} that may change audit rows`,
    next: 'Connect to PostgreSQL itself or through a pooler in session mode, not in transaction mode.',
  })
}

async function health(database: Database): Promise<StoreHealth> {
  try {
    const [row] = await database.query<{ server: string }>(`select current_setting('server_version') as server`)
    return { reachable: true, server: `PostgreSQL ${row?.server}` }
  } catch (thrown) {
    return { reachable: false, problem: asShipmateError(thrown).message }
  }
}
