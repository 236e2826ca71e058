import type { BackupPolicy } from '../../releases/backups/backup-policy.js'
import type { Span } from '../backup.js'
import type { KnownBackup } from '../known.js'

/** Lines that a person pastes into a shell of the machine, under a sentence that says what they do. */
export type HandStep = { what: string; as: Hand; lines: string[] }

/** Whose shell: `server` is the user that PostgreSQL runs as, `shipmate` has Shipmate's environment and its folder. */
export type Hand = 'root' | 'server' | 'shipmate' | 'anybody'

/** How one database or set comes back without Shipmate. */
export type ByHand = {
  /** What has to be at hand first, and what to know, in sentences. */
  before: string[]
  steps: HandStep[]
  after: string[]
}

/** What the lines are written from: the policy, and what is really there now. */
export type HandScene = {
  policy: BackupPolicy
  /** Those that are there and sound. */
  backups: KnownBackup[]
  spans: Span[]
  /** A folder of its own for what comes back; never one that serves. */
  into: string
  port: number
}

/** What people are told to use; tests put another one. */
export const usualPlace = (database: string) => ({ into: `/srv/restored/${database}`, port: 5499 })

export const newestOf = (backups: KnownBackup[]): KnownBackup | null =>
  backups.reduce<KnownBackup | null>((last, one) => (last && last.endedAt >= one.endedAt ? last : one), null)

/** The newest one whose whole chain is there, the full one first; empty when there is none. */
export function newestChain(backups: KnownBackup[]): KnownBackup[] {
  const newestFirst = [...backups].sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime())
  for (const one of newestFirst) {
    const chain = chainOf(one, backups)
    if (chain[0]?.parent === null) return chain
  }
  return []
}

function chainOf(last: KnownBackup, backups: KnownBackup[]): KnownBackup[] {
  const chain: KnownBackup[] = []
  for (let one: KnownBackup | undefined = last; one && !chain.includes(one); ) {
    chain.unshift(one)
    const { parent }: KnownBackup = one
    one = parent === null ? undefined : backups.find(({ label }) => label === parent)
  }
  return chain
}

/** A moment that can be had, to show how one is named: shortly before the end of what is recoverable. */
export function exampleMoment(spans: Span[]): Date | null {
  const last = spans.at(-1)
  if (!last) return null
  const [from, to] = [last.from.getTime(), last.to.getTime()]
  const at = new Date(Math.floor((to - from > 120_000 ? to - 60_000 : (from + to) / 2) / 1_000) * 1_000)
  // pgBackRest goes by whole seconds: a backup of the same one is no backup before it.
  return at.getTime() >= from + 2_000 && at.getTime() < to ? at : null
}

/** As PostgreSQL reads it, in UTC: "2026-11-27 08:59:00+00". */
export const inPostgres = (at: Date): string => `${at.toISOString().slice(0, 19).replace('T', ' ')}+00`
