import { z } from 'zod'
import type { Clock } from '../clock.js'
import { failed } from '../errors.js'
import type { Directory, MemberList, Standing } from '../releases/people.js'
import type { GroupIds } from './cards/call.js'
import type { SlackIdentity } from './identity.js'
import type { NotTold, SlackWeb } from './web.js'

export type DirectoryParts = {
  web: SlackWeb
  identity: SlackIdentity
  clock: Clock
  /** Milliseconds for which an answer of Slack's is believed. */
  freshFor?: number
}

/** Who people are, from Slack's own records. Fails closed: what cannot be told now is an error, never a guess. */
export function createDirectory({ web, identity, clock, freshFor = 60_000 }: DirectoryParts): Directory & {
  groupId: GroupIds
  list(): Promise<MemberList>
  /** The id of the full member with that address; null for nobody. */
  memberByEmail(email: string): Promise<string | null>
} {
  const byEmail = remember((email: string) => askByEmail(web, email), clock, freshFor)
  const people = remember((id: string) => askPerson(web, id), clock, freshFor)
  const groups = remember(() => askGroups(web), clock, freshFor)

  return {
    async standing(person) {
      const [user, all] = await Promise.all([people(person), groups('all')])
      const home = identity.known()?.team ?? null
      const member = all.value.filter(({ users }) => users.includes(person)).map(({ handle }) => handle)
      const asOf = new Date(Math.min(user.at, all.at))
      return standingOf(person, user.value, member, home, asOf)
    },
    async members(handle) {
      const { value } = await groups('all')
      const group = value.find((one) => one.handle === handle)
      if (group) return group.users
      throw value.paid ? unknownGroup(handle) : needsPaidPlan(handle)
    },
    async groupId(handle) {
      const known = await groups('all').catch(() => null)
      return known?.value.find((one) => one.handle === handle)?.id ?? null
    },
    async memberByEmail(email) {
      if (identity.known() === null) await identity.learn()
      const { value } = await byEmail(email.trim().toLowerCase())
      return value && whyBarred(value, identity.known()?.team ?? null) === null ? value.id : null
    },
    list: () => readList(web, identity.known()?.team ?? null, clock.now()),
  }
}

const userShape = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  tz: z.string().nullish(),
  name: z.string().default(''),
  real_name: z.string().optional(),
  deleted: z.boolean().default(false),
  is_bot: z.boolean().default(false),
  is_restricted: z.boolean().default(false),
  is_ultra_restricted: z.boolean().default(false),
  is_stranger: z.boolean().default(false),
  profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).default({}),
})
type User = z.infer<typeof userShape>

const groupShape = z.object({
  id: z.string(),
  handle: z.string(),
  users: z.array(z.string()).optional(),
  date_delete: z.number().default(0),
})
type Group = { id: string; handle: string; users: string[] }
/** `paid` is false when the workspace's plan has no groups: then there are none, and nobody is in one. */
type Groups = Group[] & { paid: boolean }

function standingOf(id: string, user: User | null, groups: string[], home: string | null, asOf: Date): Standing {
  const barred = user === null ? 'not a person of this workspace' : whyBarred(user, home)
  return {
    id,
    name: user ? nameOf(user) : id,
    barred,
    groups: barred === null ? groups : [],
    zone: user?.tz || null,
    asOf,
  }
}

function whyBarred(user: User, home: string | null): string | null {
  if (user.deleted) return 'deactivated'
  if (user.is_bot || user.id === 'USLACKBOT') return 'a bot'
  if (user.is_ultra_restricted || user.is_restricted) return 'a guest'
  // Until the app knows its own workspace, nobody is known to belong to it.
  if (user.is_stranger || home === null || user.team_id !== home) return 'from another workspace'
  return null
}

const nameOf = ({ profile, real_name, name, id }: User): string =>
  profile.display_name || profile.real_name || real_name || name || id

async function askPerson(web: SlackWeb, id: string): Promise<User | null> {
  const answer = await web.call('users.info', { user: id })
  if (answer.ok) return userShape.parse(answer.data.user)
  if (answer.why === 'refused' && ['user_not_found', 'user_not_visible', 'users_not_found'].includes(answer.error))
    return null
  throw untold('who you are', answer)
}

async function askByEmail(web: SlackWeb, email: string): Promise<User | null> {
  const answer = await web.call('users.lookupByEmail', { email })
  if (answer.ok) return userShape.parse(answer.data.user)
  if (answer.why === 'refused' && answer.error === 'users_not_found') return null
  throw untold('who has that address', answer)
}

async function askGroups(web: SlackWeb): Promise<Groups> {
  const answer = await web.call('usergroups.list', { include_users: true })
  if (!answer.ok && answer.why === 'refused' && answer.error === 'plan_upgrade_required')
    return Object.assign([], { paid: false })
  if (!answer.ok) throw untold('who belongs to which group', answer)
  const listed = z
    .array(groupShape)
    .parse(answer.data.usergroups ?? [])
    .filter(({ date_delete }) => date_delete === 0)
  const groups = await Promise.all(
    listed.map(async ({ id, handle, users }) => ({ id, handle, users: users ?? (await askMembers(web, id)) })),
  )
  return Object.assign(groups, { paid: true })
}

async function askMembers(web: SlackWeb, usergroup: string): Promise<string[]> {
  const answer = await web.call('usergroups.users.list', { usergroup })
  if (!answer.ok) throw untold('who belongs to which group', answer)
  return z.array(z.string()).parse(answer.data.users ?? [])
}

/** Every full member and every group, as of the moment the reading began. */
async function readList(web: SlackWeb, home: string | null, readAt: Date): Promise<MemberList> {
  if (home === null) throw failed('not-ready', 'Slack was not reached yet, so the workspace is not known.')
  const groups = await askGroups(web)
  const people: MemberList['people'] = []
  let cursor = ''
  do {
    const answer = await web.call('users.list', { limit: 1000, ...(cursor && { cursor }) })
    if (!answer.ok) throw untold('who is a member', answer)
    const users = z.array(userShape).parse(answer.data.members ?? [])
    people.push(
      ...users.filter((user) => whyBarred(user, home) === null).map((user) => ({ id: user.id, name: nameOf(user) })),
    )
    cursor = nextPage.parse(answer.data).response_metadata.next_cursor
  } while (cursor !== '')
  return { team: home, readAt, people, groups: Object.fromEntries(groups.map(({ handle, users }) => [handle, users])) }
}

const nextPage = z.object({
  response_metadata: z.object({ next_cursor: z.string().default('') }).default({ next_cursor: '' }),
})

function untold(what: string, answer: NotTold) {
  const came = answer.why === 'limited' ? 'it asked to wait' : answer.text
  return failed('directory-unreachable', `Slack cannot say ${what} right now, so nothing was allowed.`, {
    wanted: 'an answer from Slack about people and groups',
    came,
    next:
      answer.why === 'refused'
        ? 'Run npx shipmate doctor: it names the scope or token that is missing.'
        : 'Try again in a moment.',
    transient: answer.why !== 'refused',
    // Only a Slack that is not there at all may be stood in for by its last member list.
    ...(answer.why === 'unreachable' && { details: { away: true } }),
  })
}

const unknownGroup = (handle: string) =>
  failed('group-unknown', `This workspace has no user group @${handle}.`, {
    wanted: `the user group @${handle}, which the operator’s file names`,
    came: 'no such group',
    next: 'Create it in Slack (People & user groups), or name people by id in the operator’s file.',
  })

const needsPaidPlan = (handle: string) =>
  failed('groups-need-paid-plan', `@${handle} cannot be looked up: user groups need a paid Slack plan.`, {
    wanted: `the members of @${handle}`,
    came: 'plan_upgrade_required',
    next: 'Name people by id in the operator’s file instead: people: [U0123ABCD].',
  })

type Known<T> = { value: T; at: number }

/** One question at a time for each key, and its answer for a while; errors are not kept. */
function remember<T>(
  ask: (key: string) => Promise<T>,
  clock: Clock,
  freshFor: number,
): (key: string) => Promise<Known<T>> {
  const known = new Map<string, Known<T>>()
  const asking = new Map<string, Promise<Known<T>>>()
  return async (key) => {
    const now = clock.now().getTime()
    const fresh = known.get(key)
    if (fresh && now - fresh.at < freshFor) return fresh
    const under = asking.get(key) ?? ask(key).then((value) => ({ value, at: now }))
    asking.set(key, under)
    try {
      const answer = await under
      if (known.size > 5_000) known.clear()
      known.set(key, answer)
      return answer
    } finally {
      asking.delete(key)
    }
  }
}
