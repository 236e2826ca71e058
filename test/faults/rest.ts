import { silentLog } from '../../src/log.js'
import { openDatabase } from '../../src/store/database.js'
import { waitFor } from '../support/wait-for.js'

/** Waits until nothing is open any more: no parcel, no run, no card, no post. The database may be away for a while. */
export async function rests(url: string, withinMs = 60_000): Promise<void> {
  const database = openDatabase({ url, name: 'rest', role: null }, silentLog, 1)
  let open: { [what: string]: number } = {}
  const look = async () => {
    const rows = await database.query<{ [what: string]: number }>(still).catch(() => [])
    open = rows[0] ?? { 'databases away': 1 }
    return Object.values(open).every((count) => count === 0)
  }
  try {
    await waitFor('everything rests', look, withinMs)
  } catch (thrown) {
    throw new Error(`still open after ${withinMs} ms: ${JSON.stringify(open)}`, { cause: thrown })
  } finally {
    await database.close()
  }
}

const still = `select (select count(*) from shipmate.inbox where done_at is null) as parcels,
  (select count(*) from shipmate.runs where ended_at is null) as runs,
  (select count(*) from shipmate.runs where stale_since is not null) as cards,
  (select count(*) from shipmate.posts where sent_at is null and given_up_at is null) as posts`
