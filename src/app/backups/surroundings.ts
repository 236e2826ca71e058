import type { SurroundingsOf } from '../../backups/swap.js'
import { timeLimit } from '../../clock.js'
import { createDatabaseSwap } from '../../integrations/backups/swap/database.js'
import { createFolderSwap } from '../../integrations/backups/swap/folder.js'
import { createLiveServer } from '../../integrations/backups/swap/live.js'
import { createCommandsPausing } from '../../integrations/backups/swap/pausing-commands.js'
import { beside, createServerPausing, setReadOnly } from '../../integrations/backups/swap/pausing-server.js'
import { createTableRecovery } from '../../integrations/backups/tables/tables.js'
import { createPgBouncerPausing } from '../../integrations/pgbouncer/pausing.js'
import { notSetUp } from '../../jobs/backups/restoring/asked.js'
import { policyOf } from '../../releases/backups/backup-policy.js'
import type { RestorePolicy } from '../../releases/backups/restore-policy.js'
import type { Catalogue } from '../../releases/catalogue.js'

/** How restored data of a database goes live, as the operator's file says. */
export const createSurroundings =
  (catalogue: Catalogue, secret: (reference: string) => Promise<string>): SurroundingsOf =>
  async (database) => {
    const [known, restore] = [catalogue.databases[database], policyOf(catalogue, database)?.restore]
    if (!known || !restore) throw notSetUp(database)
    const url = () => adminOf(secret, known, restore)
    return {
      swap: swapOf(database, restore, url),
      pausing: pausingOf(database, restore, secret, url),
      live: createLiveServer(database, url),
      tables: createTableRecovery(database, url),
    }
  }

/** The database as its place names it, with whoever may do more than look. */
async function adminOf(
  secret: (reference: string) => Promise<string>,
  { url, operator }: Catalogue['databases'][string],
  { admin }: RestorePolicy,
): Promise<string> {
  const [plain, powerful] = [new URL(await secret(url)), new URL(await secret(admin ?? operator ?? url))]
  powerful.pathname = plain.pathname
  return powerful.href
}

const answersWithinMs = 2_000

function swapOf(database: string, { swap }: RestorePolicy, url: () => Promise<string>) {
  if (swap.driver === 'database') return createDatabaseSwap({ name: database, bin: swap.bin ?? '/usr/bin', url })
  return createFolderSwap(swap, async (signal) => {
    const late = timeLimit(answersWithinMs, signal)
    const answered = beside(await url(), database, { signal: late }).ask((session) => session.rows('select 1'))
    return answered.then(
      () => true,
      () => false,
    )
  })
}

function pausingOf(
  database: string,
  { pause }: RestorePolicy,
  secret: (reference: string) => Promise<string>,
  url: () => Promise<string>,
) {
  if (pause.driver === 'commands') return createCommandsPausing(pause)
  if (pause.driver === 'server') return createServerPausing(database, url)
  return createPgBouncerPausing({
    admin: () => secret(pause.admin),
    database: pause.database ?? database,
    within: pause.within,
    readOnly: async (on, context) => setReadOnly(beside(await url(), database, context), on, false),
  })
}
