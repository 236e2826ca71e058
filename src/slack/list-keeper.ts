import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { MemberList, MemberLists } from '../releases/people.js'
import type { Leadership } from '../runs/telling.js'

export type ListKeeperParts = {
  /** Who is a full member and in which groups, from Slack now. */
  read(): Promise<MemberList>
  lists: MemberLists
  leadership: Leadership
  clock: Clock
  log: Log
  /** Milliseconds between two lists; a member who left may be believed in for as long while Slack is away. */
  every?: number
}

/** Looks again so soon when Slack did not answer. */
const again = 15_000

/** Keeps the newest member list in the database, one process for all, until `stop`. Never rejects. */
export async function keepMemberList(parts: ListKeeperParts, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const lease = await parts.leadership.lead('member list', stop).catch(() => null)
    if (lease) await keeping(parts, AbortSignal.any([stop, lease.lost])).finally(() => lease.release())
    else await parts.clock.sleep(again, stop)
  }
}

async function keeping({ read, lists, clock, log, every = 300_000 }: ListKeeperParts, stop: AbortSignal) {
  while (!stop.aborted) {
    const kept = await read()
      .then(lists.keep)
      .then(
        () => true,
        (err) => {
          log.warn({ err }, 'the member list could not be read or kept; the last one stays')
          return false
        },
      )
    await clock.sleep(kept ? every : Math.min(again, every), stop)
  }
}
