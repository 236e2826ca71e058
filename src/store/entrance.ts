import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import { createInbox, type StoreInbox } from './inbox.js'
import { appRole, migrate } from './migrate.js'

export type EntranceOptions = {
  /** Who migrates, and owns the tables. */
  ownerUrl: string
  /** Who the application connects as; without it the owner's url with the application role taken on. */
  appUrl?: string
  log: Log
  clock: Clock
}

/**
 * All that is needed to take in what Slack sends: the database migrated and the inbox open. The store is opened around
 * it. Throws what `openStore` throws.
 */
export async function openEntrance({ ownerUrl, appUrl = ownerUrl, log, clock }: EntranceOptions): Promise<StoreInbox> {
  const inbox = createInbox((name) => ({ url: appUrl, name: `shipmate ${name}`, role: appRole }), clock, log)
  try {
    // Most starts find a migrated database, so both are tried at once; what did not open is opened again after it.
    const early = inbox.open().catch(() => {})
    await migrate(ownerUrl, log)
    await early
    await inbox.open()
    return inbox
  } catch (thrown) {
    await inbox.close()
    throw thrown
  }
}
