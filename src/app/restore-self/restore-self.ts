import { readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { RestorePoint } from '../../backups/backup.js'
import type { EngineContext } from '../../backups/engine.js'
import { shownBytes } from '../../backups/sizes.js'
import type { BroughtBack, RestoreSelf } from '../../cli/workbench.js'
import { systemClock } from '../../clock.js'
import { type Env, readCatalogue, readConfig, resolveSecret } from '../../config.js'
import { asShipmateError, failed, refused } from '../../errors.js'
import { backup } from '../../jobs/backups/backup.js'
import { drill } from '../../jobs/backups/drill.js'
import { verify } from '../../jobs/backups/verify.js'
import { type Log, silentLog } from '../../log.js'
import { policyOf } from '../../releases/backups/backup-policy.js'
import { ownDatabase } from '../../releases/backups/own-database.js'
import { openRestored, type RestoredContents, type RestoredDatabase } from '../../store/restored/restored-database.js'
import { groundFor, leave, type RestoreGround } from './ground.js'
import { type OwnStorage, openOwnStorage } from './storage.js'

export type RestoreSelfOptions = { into?: string; say(line: string): void; signal: AbortSignal }

/** The composition root of a restore of Shipmate itself: the operator's file and the storage; no database, no Slack. */
export async function openRestoreSelf(
  { into = undefined, say, signal }: RestoreSelfOptions,
  env: Env | undefined,
  log: Log = silentLog,
): Promise<RestoreSelf> {
  const [config, clock] = [readConfig(env), systemClock]
  const catalogue = await readCatalogue(config.catalogueFile ?? noFile(), env)
  const policy = policyOf(catalogue, ownDatabase)
  if (!policy) throw notSetUp()
  const context: EngineContext = { signal, clock, log, progress: createTelling(say) }
  const storage = await openOwnStorage(policy, (reference) => resolveSecret(reference, env), context)
  const ground = await groundFor({ config, policy, into: into ?? null, clock, log })
  const parts = { ground, storage, context, say }
  return {
    zone: catalogue.zone,
    storage: storage.name,
    target: ground.target,
    backups: storage.held.backups,
    spans: storage.held.spans,
    unreadable: storage.unreadable,
    finished: ground.finished,
    bring: (point) => bring(parts, point),
    close: () => leave(ground, log),
  }
}

type Parts = { ground: RestoreGround; storage: OwnStorage; context: EngineContext; say(line: string): void }

/** WAL of many hours may lie over the files of the backup. */
const roomFor = 1.5

async function bring({ ground, storage, context, say }: Parts, point: RestorePoint): Promise<BroughtBack> {
  const { yard } = ground
  for (const { folder } of await yard.left()) await yard.remove(folder)
  const largest = Math.max(...storage.held.backups.map(({ databaseBytes }) => databaseBytes))
  const folder = await yard.folder('restore-self', Math.ceil(largest * roomFor)).catch((thrown: unknown) => {
    throw noRoom(ground, thrown)
  })
  say(`Restoring into ${folder} …`)
  const { from, bytes } = await storage.engine.restore({ point, into: folder }, context)
  say(`${shownBytes(bytes)} of ${from.label} are there. Starting a scratch server on them …`)
  const server = await yard.start(folder, context)
  const database = await openRestored(server.url, context.log)
  try {
    say('Following the audit trail …')
    const found = await database.look()
    if (found.broken.length > 0) throw broken(found, from.label, storage.before(point, from.label))
    const { reaches, lastEntry, rows, live } = found
    const lostMs = Math.max(0, context.clock.now().getTime() - reaches.getTime())
    const place = async () => {
      await ground.refuseAlive()
      await madeReady(ground, database, context, { label: from.label, reaches, lostMs })
      await database.close()
      await server.stop()
      await withoutRecovery(folder)
      return ground.place(folder)
    }
    return { label: from.label, reaches, lostMs, lastEntry, rows, live, place }
  } catch (thrown) {
    await database.close()
    throw thrown
  }
}

/** The yard's own words are about drills. */
function noRoom({ staging }: RestoreGround, thrown: unknown) {
  const { code, wanted = '', came = '' } = asShipmateError(thrown)
  if (code !== 'scratch-full') return thrown
  return failed('restore-self-full', `There is no room to restore in ${staging}.`, {
    wanted,
    came,
    next: 'Make room on that disk: what is there now is kept, so both have to fit.',
    cause: thrown,
  })
}

/** Runs that only Shipmate asked for. */
const own = [backup.name, drill.name, verify.name]

/** More than were ever begun in that time: one in each second of it, and a thousand. */
const skipped = (lostMs: number) => 1_000 + Math.ceil(lostMs / 1_000)

async function madeReady(
  { login }: RestoreGround,
  database: RestoredDatabase,
  { clock }: EngineContext,
  { label, reaches, lostMs }: { label: string; reaches: Date; lostMs: number },
): Promise<void> {
  // A clock that stands behind what is in the data would let generations go back.
  const at = new Date(Math.max(clock.now().getTime(), reaches.getTime()))
  const by = { kind: 'machine' as const, id: `terminal:${userInfo().username}`, name: userInfo().username }
  const subject = { backup: label, lostSeconds: Math.round(lostMs / 1_000) }
  await database.bringBack({ at, to: reaches, skip: skipped(lostMs), own, subject, by })
  if (login) await database.setPassword(login.role, login.password)
}

/** What recovery was told is of no use to the server that goes on, and names folders that are gone. */
async function withoutRecovery(folder: string): Promise<void> {
  const file = join(folder, 'postgresql.auto.conf')
  const [before = ''] = (await readFile(file, 'utf8')).split('# Recovery to what was asked for')
  await writeFile(file, before)
}

function broken({ broken: chains, rows }: RestoredContents, label: string, older: string | null) {
  const shown = chains.slice(0, 5).map(({ run, position, what }) => `${chainName(run)}, row ${position}: ${what}`)
  return failed('restore-self-chain-broken', `The audit trail in ${label} is not as it was written.`, {
    wanted: `${rows} rows that follow from each other`,
    came: `${shown.join('; ')}${chains.length > shown.length ? `; and ${chains.length - shown.length} more` : ''}`,
    next: older
      ? `Somebody with more rights than Shipmate wrote there. The next older one: npx shipmate restore-self --from ${older}`
      : 'Somebody with more rights than Shipmate wrote there, and there is no older backup.',
    details: { older },
  })
}

const chainName = (run: number) => (run === 0 ? 'acts outside runs' : run < 0 ? `INC-${-run}` : `#${run}`)

/** Milliseconds between two lines about one long work. */
const tellEvery = 5_000

export function createTelling(say: (line: string) => void) {
  let told = systemClock.now().getTime()
  return ({ text }: { text: string }) => {
    const now = systemClock.now().getTime()
    if (now - told < tellEvery) return
    told = now
    say(`  ${text}`)
  }
}

const notSetUp = () =>
  refused('restore-self-not-set-up', 'Nothing says where backups of Shipmate’s own database are.', {
    wanted: 'backups.shipmate in the operator’s file',
    came: 'none',
    next: 'docs/operations/restore-self.md says how it is written; with the storage and the key of before, what is there is found.',
  })

export function noFile(): never {
  throw refused('catalogue-missing', 'Shipmate does not know where its backups are.', {
    wanted: 'SHIPMATE_CONFIG, the path of the operator’s file',
    came: 'nothing',
    next: 'Set it to the file that Shipmate runs with.',
  })
}
