import { z } from 'zod'
import type { Backup, Holding } from '../../../backups/backup.js'
import type { BackupEngine, EngineContext } from '../../../backups/engine.js'
import { failed, refused } from '../../../errors.js'
import type { Log } from '../../../log.js'
import { createHttp, type Http } from '../../http.js'
import { backupsSchema, completed, type SupabaseBackups, spansOf, takenAt, unknown } from './held.js'
import { createSupabaseRestore, type SupabaseRestore } from './restore.js'

export const supabaseSettings = z.strictObject({
  engine: z.literal('supabase'),
  /** Twenty small letters, as in the address of the project’s dashboard. */
  project: z.string().regex(/^[a-z]{20}$/, 'must be the twenty letters of the project'),
  token: z.string().regex(/^(env|file):.+/, 'must be env:NAME or file:PATH'),
  api: z.url().default('https://api.supabase.com'),
})
export type SupabaseSettings = z.infer<typeof supabaseSettings>

export type SupabaseParts = {
  database: string
  settings: SupabaseSettings
  secret(reference: string): Promise<string>
  log: Log
}

/** What Supabase keeps, and what brings it back in place: there is no scratch server that could be looked at first. */
export type SupabaseEngine = BackupEngine & SupabaseRestore

const cannot = [
  'Backups are taken by Supabase on its own schedule; Shipmate cannot start one.',
  'There are no hourly incremental backups: with the PITR add-on WAL is archived every two minutes, without it there is one backup a day.',
  'Its backups cannot be downloaded or read back byte by byte, so nothing but Supabase’s own status speaks for them.',
  'A restore goes over the project itself, which is away meanwhile; there is no scratch server to look at first.',
  'A drill needs a second project or a dump: nothing here is ever proven by a restore of ours.',
  'Storage files and the passwords of custom roles are not in it.',
  'A free project has no backups at all; use the dump engine beside it.',
]

/** Supabase’s managed backups through its Management API (its OpenAPI of May 2026). */
export async function createSupabaseEngine(parts: SupabaseParts): Promise<SupabaseEngine> {
  const { database, settings } = parts
  const http = createHttp({
    name: 'Supabase',
    baseUrl: settings.api,
    token: await parts.secret(settings.token),
    allowedHosts: [new URL(settings.api).host],
    timeoutMs: 20_000,
    log: parts.log,
  })
  const at = `/v1/projects/${settings.project}`
  const look = ({ signal }: EngineContext) => http.get(`${at}/database/backups`, backupsSchema, { signal })
  return {
    name: 'supabase',
    able: { kinds: [], pointInTime: true, scratch: false, expires: false, cannot },
    ...createSupabaseRestore(database, http, at, look),
    ready: async (context) => ({ summary: await summary(http, at, await look(context), context) }),
    take: async ({ kind }) => {
      throw cannotDo(
        database,
        `take a ${kind} backup`,
        'Wait for its daily one, or make a restore point before a change.',
      )
    },
    holding: async (context) => holdingOf(await look(context)),
    async verify(label, context) {
      const { backups } = await look(context)
      const asked = backups.filter(({ id }) => label === null || String(id) === label)
      if (label !== null && asked.length === 0) throw unknown(label)
      const ill = asked.filter(({ status }) => status === 'FAILED' || status === 'CANCELLED')
      const defects = ill.map(({ id, status }) => ({ where: `backup ${id}`, what: `Supabase says ${status}` }))
      // No file was read: that is never sound, and the engine says why.
      return { files: 0, bytes: 0, segments: 0, defects }
    },
    restore: async () => {
      throw cannotDo(
        database,
        'restore into a folder',
        'Restore the project in place, with a second person’s approval.',
      )
    },
    remove: async () => {
      throw cannotDo(database, 'remove backups', 'Its retention follows the plan of the project.')
    },
    clean: async () => ({ removed: [] }),
  }
}

const projectSchema = z.object({ name: z.string(), status: z.string() })

async function summary(
  http: Http,
  at: string,
  held: SupabaseBackups,
  { signal, clock }: EngineContext,
): Promise<string> {
  const { name, status } = await http.get(at, projectSchema, { signal })
  if (status !== 'ACTIVE_HEALTHY')
    throw failed('supabase-not-healthy', `the project ${name} is ${status}`, {
      wanted: 'ACTIVE_HEALTHY',
      came: status,
      next: 'Look at the project’s dashboard.',
    })
  const { pitr_enabled: pitr } = held
  const last = completed(held).at(-1)
  if (!last && !pitr)
    throw failed('supabase-no-backups', `Supabase keeps no backup of ${name}`, {
      wanted: 'a daily backup, or the PITR add-on',
      came: 'an empty list; free projects have none',
      next: 'Raise the plan of the project, or take dumps of it with the dump engine.',
    })
  const hours = last ? Math.round((+clock.now() - +takenAt(last)) / 3_600_000) : null
  const age = hours === null ? 'no daily backups' : `last daily backup ${hours} h ago`
  return `${name} in ${held.region}: ${pitr ? 'point-in-time recovery is on' : 'no point-in-time recovery'}; ${age}`
}

function holdingOf(held: SupabaseBackups): Holding {
  const backups = completed(held).map(
    (one): Backup => ({
      label: String(one.id),
      kind: 'full',
      parent: null,
      startedAt: takenAt(one),
      endedAt: takenAt(one),
      // What Supabase does not tell is not made up.
      ...{ databaseBytes: 0, storedBytes: 0, startLsn: '', stopLsn: '', timeline: 0, run: null },
      faults: ['Supabase tells neither its size nor its place in the WAL.'],
    }),
  )
  return { backups, spans: spansOf(held), archive: null, storedBytes: 0, freeBytes: null }
}

const cannotDo = (database: string, what: string, next: string) =>
  refused('supabase-cannot', `Supabase’s managed backups of ${database} cannot ${what}.`, {
    wanted: what,
    came: 'its Management API has no such call',
    next,
  })
