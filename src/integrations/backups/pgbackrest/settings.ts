import { z } from 'zod'

/** What the operator's file says of a database that pgBackRest backs up. */
export const pgBackRestSettings = z.strictObject({
  program: z.string().startsWith('/').default('/usr/bin/pgbackrest'),
  config: z.string().startsWith('/').default('/etc/pgbackrest/pgbackrest.conf'),
  stanza: z.string().regex(/^[\w.-]+$/),
  /** Which of its repositories is used here. */
  repository: z.int().positive().default(1),
  /** Whom it runs as when Shipmate is root: the user of PostgreSQL. */
  user: z.string().default('postgres'),
})
export type PgBackRestSettings = z.infer<typeof pgBackRestSettings>
