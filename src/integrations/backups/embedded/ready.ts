import { randomBytes } from 'node:crypto'
import type { EngineContext } from '../../../backups/engine.js'
import { asShipmateError, failed } from '../../../errors.js'
import { inSession } from '../../postgres/session.js'
import { bytes as shownBytes } from '../../watched/words.js'
import type { Vault } from '../storage/vault.js'
import { factsOf, noIncrements, type ServerFacts } from './server-facts.js'

type Looked = { database: string; url: string; slot: string; vault: Vault }

/** Looks whether a backup could be taken now; throws with what is missing and how to set it up. */
export async function readyOrWhy(looked: Looked, context: EngineContext): Promise<{ summary: string }> {
  const { database, url, vault } = looked
  const facts = await factsOf(database, url, context.signal)
  const lacks = lacking(facts)
  if (lacks) throw failed('backup-not-ready', `${database} cannot be backed up yet: ${lacks.came}`, { ...lacks })
  await writable(vault, context)
  const slot = await slotState(looked, context)
  const free = await vault.storage.freeBytes()
  const parts = [
    `PostgreSQL ${Math.floor(facts.version / 10_000)}`,
    noIncrements(facts) ?? 'incremental backups are possible',
    slot ? `WAL is kept for us by the slot ${looked.slot}` : `the slot ${looked.slot} is made with the first backup`,
    `${vault.storage.name} takes and gives back${free === null ? '' : `, ${shownBytes(free)} free`}`,
  ]
  return { summary: parts.map((part) => part.replace(/\.$/, '')).join('; ') }
}

function lacking(facts: ServerFacts): { wanted: string; came: string; next: string } | null {
  const lack = (wanted: string, came: string, next: string) => ({ wanted, came, next })
  const major = Math.floor(facts.version / 10_000)
  if (major < 15)
    return lack('PostgreSQL 15 or newer', `it is PostgreSQL ${major}`, 'Use pgBackRest for servers as old as this.')
  if (!facts.mayReplicate)
    return lack(
      'a role with REPLICATION',
      'our role has no such right',
      'Run as a superuser: alter role … replication.',
    )
  if (facts.walLevel === 'minimal')
    return lack('wal_level = replica', 'wal_level is minimal', 'Set wal_level = replica and restart the server.')
  if (facts.senders < 2)
    return lack('max_wal_senders of 2 or more', `it is ${facts.senders}`, 'Raise it and restart the server.')
  if (facts.slots < 1) return lack('max_replication_slots of 1 or more', 'it is 0', 'Raise it and restart the server.')
  return null
}

/** Written, read back, removed: that it answers is not enough. */
async function writable({ storage, keep }: Vault, { signal }: EngineContext): Promise<void> {
  const name = `probes/${randomBytes(6).toString('hex')}`
  async function* data() {
    yield Buffer.from('is it there?')
  }
  const kept = await keep(name, data(), signal)
  await storage.remove(kept.name, signal)
}

type SlotState = { status: string | null; behind: number; active: boolean }

async function slotState({ database, url, slot }: Looked, { signal }: EngineContext): Promise<SlotState | null> {
  const limits = { signal, connectWithinMs: 3_000, statementWithinMs: 5_000 }
  const [row] = await inSession(database, { url }, limits, (session) =>
    session.rows<SlotState>(
      `select wal_status as status, active,
              coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn), 0)::float8 as behind
         from pg_replication_slots where slot_name = $1`,
      [slot],
    ),
  )
  return row ?? null
}

/** Why the archive does not go on at this moment; null when it does. */
export async function failingNow(looked: Looked, context: EngineContext, thrown: unknown): Promise<string | null> {
  if (thrown !== null) {
    const { message, came } = asShipmateError(thrown)
    return came && !message.includes(came) ? `${message} (${came})` : message
  }
  const slot = await slotState(looked, context).catch(() => null)
  if (slot === null) return null
  if (slot.status === 'lost') return `the server threw away WAL that was not fetched (slot ${looked.slot} is lost)`
  if (slot.status === 'unreserved')
    return `the server is about to throw away WAL: ${shownBytes(slot.behind)} are not fetched`
  return null
}
