import { silentLog } from '../../src/log.js'
import { openDatabase } from '../../src/store/database.js'
import { waitFor } from '../support/wait-for.js'

/**
 * Waits until nothing is open any more: no parcel, no run, no card, no post. What is told at Slack's pace may take long,
 * so it gives up only when for `withinMs` nothing became less. The database may be away for a while.
 */
export async function rests(url: string, withinMs = 60_000): Promise<void> {
  const database = openDatabase({ url, name: 'rest', role: null }, silentLog, 1)
  let least = Number.POSITIVE_INFINITY
  let open = 'the database is away'
  const look = async () => {
    const [row] = await database.query<{ [what: string]: number }>(still).catch(() => [])
    if (!row) return undefined
    open = JSON.stringify(row)
    const count = Object.values(row).reduce((sum, one) => sum + one, 0)
    if (count >= least) return undefined
    least = count
    return { count }
  }
  try {
    for (let left = 1; left > 0; ) left = (await waitFor('less is open', look, withinMs)).count
  } catch (thrown) {
    throw new Error(`still open: ${open}`, { cause: thrown })
  } finally {
    await database.close()
  }
}

const still = `select (select count(*) from shipmate.inbox where done_at is null) as parcels,
  (select count(*) from shipmate.runs where ended_at is null) as runs,
  (select count(*) from shipmate.runs where stale_since is not null) as cards,
  (select count(*) from shipmate.posts where sent_at is null and given_up_at is null) as posts`
