import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { createInbox, type StoreInbox } from '../../../src/store/inbox.js'
import { appRole } from '../../../src/store/migrate.js'

/** The inbox of a front of its own, with the rights that fronts have. */
export function testInbox(url: string): StoreInbox {
  return createInbox((name) => ({ url, name: `front ${name}`, role: appRole }), systemClock, silentLog)
}
