import { type Clock, inZone } from '../../clock.js'
import { asShipmateError, failed } from '../../errors.js'
import type { Log } from '../../log.js'
import type { Directory, MemberList, MemberLists, Standing } from '../../releases/people.js'

export type AwayParts = {
  live: Directory
  lists: MemberLists
  /** Milliseconds for which the last list is believed; 0 believes none. */
  limit: number
  clock: Clock
  log: Log
}

/** Slack gets so long to answer, and is not asked again for so long once it did not. */
const patience = 5_000
const restFor = 10_000

/**
 * Who people are, for holders of personal tokens: from Slack, and while Slack cannot be reached from the member list it
 * last gave. A Slack that answers and says no is believed. How old a list may be is decided where standings are judged.
 */
export function createAwayDirectory({ live, lists, limit, clock, log }: AwayParts): Directory {
  let awayUntil = 0

  async function told<T>(ask: () => Promise<T>, byList: (list: MemberList) => T): Promise<T> {
    if (clock.now().getTime() < awayUntil) return byList(await last(null))
    try {
      return await inTime(ask())
    } catch (thrown) {
      if (!isAway(thrown)) throw thrown
      if (awayUntil === 0)
        log.warn({ err: thrown }, 'Slack cannot be reached; the terminal goes by the last member list')
      awayUntil = clock.now().getTime() + restFor
      return byList(await last(thrown))
    }
  }

  async function inTime<T>(answer: Promise<T>): Promise<T> {
    const over = new AbortController()
    answer.catch(() => {})
    const late = clock.sleep(patience, over.signal).then(() => {
      throw away(`no answer within ${patience / 1000} s`)
    })
    late.catch(() => {})
    try {
      return await Promise.race([answer, late])
    } finally {
      over.abort()
    }
  }

  async function last(cause: unknown): Promise<MemberList> {
    const list = limit === 0 ? null : await lists.last()
    if (list) return list
    throw failed('member-list-missing', 'Slack cannot be reached, so nobody can be told from anybody.', {
      wanted: 'an answer from Slack, or a member list that it gave before',
      came: limit === 0 ? 'none: people.snapshot is 0s in the operator’s file' : 'none yet',
      next: 'Try again when Slack answers.',
      cause,
    })
  }

  return {
    standing: (person) =>
      told(
        () => live.standing(person),
        (list) => standingBy(list, person, limit),
      ),
    members: (group) =>
      told(
        () => live.members(group),
        (list) => membersBy(list, group, limit, clock.now()),
      ),
  }
}

const away = (came: string) =>
  failed('directory-unreachable', 'Slack cannot be reached right now.', { came, details: { away: true } })

const isAway = (thrown: unknown): boolean => asShipmateError(thrown).details?.away === true

export function standingBy(list: MemberList, person: string, limit: number): Standing {
  const member = list.people.find(({ id }) => id === person)
  const groups = Object.entries(list.groups).flatMap(([handle, ids]) => (ids.includes(person) ? [handle] : []))
  const barred = member ? null : 'no full member by the last member list'
  return {
    id: person,
    name: member?.name ?? person,
    barred,
    groups: member ? groups : [],
    zone: null,
    asOf: list.readAt,
    list: { limit },
  }
}

function membersBy(list: MemberList, group: string, limit: number, now: Date): string[] {
  const members = Object.hasOwn(list.groups, group) ? list.groups[group] : undefined
  if (members && now.getTime() - list.readAt.getTime() <= limit) return members
  throw failed(
    'group-unknown',
    `Slack cannot be reached, and the member list knows no group @${group} that counts now.`,
    {
      wanted: `the members of @${group}`,
      came: members ? 'a list that is too old' : 'no such group',
      next: 'Try again when Slack answers.',
    },
  )
}

/** "14:02", with the day when it is another one. */
export function shownMoment(at: Date, now: Date, zone: string): string {
  const [then, today] = [inZone(at, zone), inZone(now, zone)]
  return then.format('YYYY-MM-DD') === today.format('YYYY-MM-DD')
    ? then.format('HH:mm')
    : then.format('YYYY-MM-DD HH:mm')
}
