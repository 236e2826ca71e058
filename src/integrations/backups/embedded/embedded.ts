import type { Holding } from '../../../backups/backup.js'
import type { BackupEngine, EngineAbilities, EngineContext } from '../../../backups/engine.js'
import { asShipmateError, ShipmateError } from '../../../errors.js'
import type { Vault } from '../storage/vault.js'
import { choose } from './choose.js'
import { withLock } from './lock.js'
import { failingNow, readyOrWhy } from './ready.js'
import { backupOf, chainOf, createRecords } from './record.js'
import { removeBackups } from './remove.js'
import { checkedFolder, emptied, handOver, layFiles, laySettings, layWalFolder } from './restore.js'
import { factsOf, noIncrements } from './server-facts.js'
import { recoverable } from './spans.js'
import { takeBackup } from './take.js'
import { verifyAll } from './verify.js'
import { createWalArchive, type WalArchive } from './wal/archive.js'
import { layWal } from './wal/for-restore.js'
import { walShelves } from './wal/shelf.js'

export type EmbeddedParts = {
  /** What people call the database; backups of each lie in a vault of their own. */
  database: string
  /** Of a role with REPLICATION that may connect, given anew for each use. */
  url(): Promise<string>
  vault: Vault
  /** The replication slot that keeps WAL for us; one for each place that backups go to. */
  slot?: string
  mostKilobytesPerSecond?: number | null
}

/**
 * The engine that needs no program: it speaks the replication protocol and puts chains together by itself. `follow` keeps
 * the archive within seconds of the server; without it, every look and every backup fetches what there is.
 */
export type EmbeddedEngine = BackupEngine & { follow(context: EngineContext): Promise<void> }

/** Looks at the server once, to say honestly what can be done with it; one that is away is thought able. */
export async function createEmbeddedEngine(parts: EmbeddedParts, context: EngineContext): Promise<EmbeddedEngine> {
  const { database, vault, slot = slotFor(parts.database), mostKilobytesPerSecond = null } = parts
  const archive = createWalArchive({ ...parts, slot })
  const store = createRecords(vault)
  const looked = async () => ({ database, slot, vault, url: await parts.url() })
  const fresh = (given: EngineContext) => caughtUp(archive, given)
  return {
    name: 'embedded',
    able: await abilities(parts, context),
    follow: (given) => archive.follow(given),
    ready: (given) => within(given, async () => readyOrWhy(await looked(), given)),
    take: (order, given) =>
      within(given, async () => {
        const url = await parts.url()
        return withLock({ database, url, slot, waitMs: 15_000 }, given, async (session) => {
          const { records } = await store.read(given.signal)
          const taken = records.find(({ key }) => key === order.key)
          if (taken) return backupOf(taken)
          return takeBackup({ database, url, vault, archive, mostKilobytesPerSecond, session, records }, order, given)
        })
      }),
    holding: (given) =>
      within(given, async () => held(vault, store, given, await failingNow(await looked(), given, await fresh(given)))),
    verify: (label, given) =>
      within(given, async () => {
        await fresh(given)
        const records = await store.read(given.signal, true)
        if (label !== null) chainOf(label, records.records)
        return verifyAll(vault, label, records, await walShelves(vault.storage, given.signal), given)
      }),
    restore: (order, given) =>
      within(given, async () => {
        const began = given.clock.now().getTime()
        const folder = await checkedFolder(order.into)
        if (order.point.kind !== 'backup') await fresh(given)
        try {
          const { records } = await store.read(given.signal)
          const shelves = await walShelves(vault.storage, given.signal)
          const choice = await choose(vault, order.point, records, shelves, given.signal)
          const wal = await layWalFolder(folder)
          const laid = await layWal(vault, choice, order.point, wal, given.signal)
          const bytes = await layFiles(vault, choice.record, records, folder, given)
          await laySettings(folder, choice.record, order.point, laid.target, choice.timeline)
          await handOver(folder)
          given.signal.throwIfAborted()
          const tookMs = given.clock.now().getTime() - began
          return { from: backupOf(choice.record), bytes: bytes + laid.bytes, tookMs }
        } catch (error) {
          await emptied(folder)
          throw error
        }
      }),
    remove: (labels, given) =>
      within(given, async () => {
        const { records } = await store.read(given.signal)
        return removeBackups(vault, labels, records, await walShelves(vault.storage, given.signal), given)
      }),
    clean: (given) =>
      within(given, async () => {
        // Whoever was killed lost the lock with its connection; whoever has it is at work and leaves no halves.
        const lock = { database, url: await parts.url(), slot, waitMs: 5_000 }
        return withLock(lock, given, () => cleaned(vault, store, given)).catch((error: unknown) => {
          if (asShipmateError(error).code === 'backup-busy') return { removed: [] }
          throw error
        })
      }),
  }
}

type Store = ReturnType<typeof createRecords>

async function abilities({ database, url }: EmbeddedParts, { signal }: EngineContext): Promise<EngineAbilities> {
  const why = await factsOf(database, await url(), signal).then(noIncrements, () => null)
  const cannot = why ? [`Incremental and differential backups are not possible: ${lowered(why)}`] : []
  return {
    kinds: why ? ['full'] : ['full', 'differential', 'incremental'],
    pointInTime: true,
    scratch: true,
    expires: true,
    cannot,
  }
}

const lowered = (sentence: string) =>
  /^PostgreSQL/.test(sentence) ? sentence : sentence.charAt(0).toLowerCase() + sentence.slice(1)

const slotFor = (database: string) => `shipmate_${database.toLowerCase().replace(/[^a-z0-9]/g, '_')}`.slice(0, 60)

/** What kept it from fetching all that the server has; null when nothing did. A storage can be read without its server. */
async function caughtUp(archive: WalArchive, context: EngineContext): Promise<unknown> {
  try {
    await archive.catchUp(context)
    return null
  } catch (error) {
    context.signal.throwIfAborted()
    context.log.warn({ error: asShipmateError(error).message }, 'the WAL could not be fetched to its end')
    return error
  }
}

async function held(
  vault: Vault,
  store: Store,
  { signal, log }: EngineContext,
  failing: string | null,
): Promise<Holding> {
  const { records, damaged } = await store.read(signal)
  for (const { where } of damaged) log.warn({ where }, 'a backup does not count: what is known of it cannot be read')
  const shelves = await walShelves(vault.storage, signal)
  const files = await vault.storage.list('', signal)
  const systemIds = [...new Set(records.map(({ systemId }) => systemId))]
  const newest = systemIds.at(-1) ?? [...shelves.keys()].at(-1) ?? ''
  const found = await Promise.all(
    [...new Set([...systemIds, newest])].map(async (systemId) => {
      const own = records.filter((record) => record.systemId === systemId)
      return { systemId, ...(await recoverable(vault, own, shelves.get(systemId), signal)) }
    }),
  )
  const archive = found.find(({ systemId }) => systemId === newest)?.archive
  return {
    backups: records.map(backupOf),
    spans: found.flatMap(({ spans }) => spans).sort((one, other) => +one.from - +other.from),
    archive: { ...(archive ?? { lastSegment: null, lastAt: null, missing: [] }), failing },
    storedBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    freeBytes: await vault.storage.freeBytes(),
  }
}

/** A fetch that goes on elsewhere may write to the archive now; what it has not touched for so long was left. */
const walUntouchedMs = 10 * 60_000

async function cleaned(vault: Vault, store: Store, { signal, clock }: EngineContext): Promise<{ removed: string[] }> {
  const { storage } = vault
  const now = clock.now()
  const { halves } = await store.read(signal)
  for (const name of halves) await storage.remove(name, signal)
  const swept = [
    ...(await storage.sweep('backups/', new Date(now.getTime() + 60_000), signal)),
    ...(await storage.sweep('probes/', new Date(now.getTime() - walUntouchedMs), signal)),
    ...(await storage.sweep('wal/', new Date(now.getTime() - walUntouchedMs), signal)),
  ]
  return { removed: [...halves, ...swept] }
}

/** Whatever broke because it was broken off is told as that. */
async function within<T>({ signal }: EngineContext, work: () => Promise<T>): Promise<T> {
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    if (!signal.aborted || (error instanceof ShipmateError && error.kind === 'stopped')) throw error
    throw new ShipmateError('stopped', 'backup-stopped', 'the work on a backup was broken off', {
      next: 'Nothing half counts; ask again when you want it.',
    })
  }
}
