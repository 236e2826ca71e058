import { z } from 'zod'

/** What the operator's file says of a database that PostgreSQL's own tools back up. */
export const nativeSettings = z.strictObject({
  /** Where pg_basebackup and pg_verifybackup are, of the server's version or later. */
  bin: z.string().startsWith('/'),
  /** Where backups lie; ours alone. */
  folder: z.string().startsWith('/'),
  /** Where the server's archive_command copies segments to, under their own names. */
  archive: z.string().startsWith('/'),
  /** Whom the tools run as when Shipmate is root: the user of PostgreSQL. */
  user: z.string().default('postgres'),
})
export type NativeSettings = z.infer<typeof nativeSettings>
