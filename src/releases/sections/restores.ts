import { z } from 'zod'
import { duration, list, matching, secret, text } from './values.js'

/** How restored data takes the place of the live one, and how the application is kept away meanwhile. */

const path = matching(/^(\/|\$\{).+/, 'an absolute path')
const words = list(z.string({ error: 'a word of the command' }), 'a program and its arguments, as a list').refine(
  ([program]) => Boolean(program),
  { error: 'a program and its arguments, as a list' },
)
const command = z.strictObject({ run: words, within: duration.default(60_000) })

const folder = z.strictObject({ data: path, stop: command, start: command })
const database = z.strictObject({ bin: path.optional() })
const pgbouncer = z.strictObject({
  admin: secret,
  /** As PgBouncer calls it; left out: as the server does. */
  database: text('the name of a database in PgBouncer').optional(),
  within: duration.default(60_000),
})
const commands = z.strictObject({
  close: command,
  readOnly: command.optional(),
  canary: command.optional(),
  open: command,
})

const oneOfTwo = (wanted: string) => ({
  check: (given: object) => Object.values(given).filter((value) => value !== undefined).length === 1,
  error: { error: wanted },
})
const swaps = oneOfTwo('either folder or database')

export const restoreSection = z.strictObject({
  /** A superuser of the server; left out: the operator of the database. */
  admin: secret.optional(),
  swap: z.strictObject({ folder: folder.optional(), database: database.optional() }).refine(swaps.check, swaps.error),
  /** Left out: the server itself lets nobody in. */
  pause: z
    .strictObject({ pgbouncer: pgbouncer.optional(), commands: commands.optional() })
    .refine((given) => Object.values(given).filter((value) => value !== undefined).length <= 1, {
      error: 'either pgbouncer or commands',
    })
    .default({}),
})

export type RestoreInFile = z.output<typeof restoreSection>
