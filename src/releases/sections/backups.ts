import { z } from 'zod'
import { cron } from './cron-text.js'
import { bucketInFile, onlyOne, resticInFile } from './file-sets.js'
import { restoreSection } from './restores.js'
import { duration, list, matching, name, oneOf, secret, text, webAddress, whole, yes } from './values.js'

/** How databases and sets of files are backed up, for how long what is kept, and when a backup counts as proven. */

const path = matching(/^(\/|\$\{).+/, 'an absolute path')

const places = onlyOne('either path or s3')
const storage = z
  .strictObject({
    path: path.optional(),
    s3: bucketInFile.optional(),
    compression: oneOf('auto', 'zstd', 'gzip', 'none').default('auto'),
    encryption: secret.optional(),
  })
  .refine(({ path, s3 }) => places.check({ path, s3 }), places.error)

const drivers = {
  pgbackrest: z
    .strictObject({
      program: path.default('/usr/bin/pgbackrest'),
      config: path.optional(),
      stanza: text('the name of a stanza'),
      repository: whole(1, 256).default(1),
      user: text('the user that PostgreSQL runs as').default('postgres'),
      bin: path.optional(),
    })
    .optional(),
  native: z
    .strictObject({
      url: secret.optional(),
      bin: path,
      archive: path,
      folder: path,
      user: text('the user that PostgreSQL runs as').default('postgres'),
    })
    .optional(),
  embedded: z.strictObject({ url: secret.optional(), storage, bin: path.optional() }).optional(),
  dump: z
    .strictObject({
      url: secret.optional(),
      bin: path,
      storage,
      tables: list(text('a table'), 'a list of tables').default([]),
    })
    .optional(),
  supabase: z
    .strictObject({
      project: matching(/^[a-z]{20}$/, 'the twenty letters of a project'),
      token: secret,
      url: webAddress.default('https://api.supabase.com'),
    })
    .optional(),
  restic: resticInFile.optional(),
}

const one = onlyOne('exactly one of pgbackrest, native, embedded, dump, supabase, restic')
const engine = z.strictObject(drivers, { error: one.error.error }).refine(one.check, one.error)

const schedule = z
  .strictObject({
    full: cron.optional(),
    differential: cron.optional(),
    incremental: cron.optional(),
    drill: cron.optional(),
    verify: cron.optional(),
  })
  .optional()

const most = 10_000
const keep = z
  .strictObject({
    fulls: whole(1, 1_000).default(2),
    days: whole(0, 3_650).default(14),
    hourly: whole(0, most).default(0),
    daily: whole(0, most).default(0),
    weekly: whole(0, most).default(0),
    monthly: whole(0, most).default(0),
  })
  .prefault({})

export type Keep = z.output<typeof keep>

const number = z.number({ error: 'a number' })
const invariant = z.strictObject({
  name: text('what holds, in a few words'),
  sql: text('a query that gives one row'),
  min: number.optional(),
  max: number.optional(),
})

const never = z.literal('never', { error: 'a duration such as "8d", or never' }).transform(() => null)
const age = z.union([duration, never], { error: 'a duration such as "8d", or never' })

const database = z.strictObject({
  engine,
  schedule,
  /** After a scheduled moment a backup may take so long before somebody is told. */
  grace: duration.default(45 * 60_000),
  keep,
  /** A deploy asks for a proven backup no older than this. */
  proven: age.default(8 * 86_400_000),
  /** Of what no place uses, Shipmate's own and sets of files: where its backups are told, and whose rights hold. */
  home: z
    .strictObject({ service: text('the name of a service'), environment: text('the name of an environment') })
    .optional(),
  beforeMigrations: z.union([yes, z.literal('unsafe')], { error: 'true, false or unsafe' }).default(true),
  /** Data that may be lost at most: the recoverable window has to reach so close to now. */
  loss: age.default(null),
  /** Days before the storage is full. */
  room: whole(0, 3_650).default(14),
  scratch: z
    .strictObject({
      folder: path.optional(),
      superuser: text('a superuser that the database has').optional(),
      preload: list(text('a library'), 'a list of libraries').default([]),
    })
    .prefault({}),
  /** Left out: data is restored into scratch servers only. */
  restore: restoreSection.optional(),
  drill: z
    .strictObject({
      tables: list(text('a table'), 'a list of tables').default([]),
      newest: z
        .strictObject({ table: text('a table'), column: text('a column'), within: duration.optional() })
        .optional(),
      invariants: list(invariant, 'a list of invariants').default([]),
    })
    .prefault({}),
})

export const backupsSection = z
  .record(name, database, { error: 'how databases are backed up, by their names under databases' })
  .default({})

export type BackupInFile = z.output<typeof database>
export type StorageSettings = z.output<typeof storage>
