import type { ChannelRow, GroupRow, PersonRow } from './state/rows.js'

/** The ids of the workspace everybody starts with; the playground's operator file and the stories name them. */
export const seed = {
  team: { id: 'T0PLAYGROUND', name: 'Storefront', domain: 'storefront' },
  app: { id: 'A0SHIPMATE', bot_id: 'B0SHIPMATE', bot_user_id: 'U0SHIPMATE' },
  people: { rita: 'U0RITA', marco: 'U0MARCO', mina: 'U0MINA', ivy: 'U0IVY', gus: 'U0GUS' },
  groups: { releaseManagers: 'S0RELEASE', incidentCommanders: 'S0INCIDENT' },
  channels: { general: 'C0GENERAL', releases: 'C0RELEASES', incidents: 'C0INCIDENTS', random: 'C0RANDOM' },
} as const

/** The tokens that an app uses against the workspace unless it was started with others. */
export const seedTokens = {
  bot: 'xoxb-playground',
  app: 'xapp-playground',
  signingSecret: 'playground-signing-secret',
}

const { people, groups, channels, app } = seed

/** The people at the start, the app's own among them under the name of its manifest. */
export function seedPeople(botName: string): PersonRow[] {
  return [
    person(people.rita, 'rita', 'Rita Okafor', 'Product engineer', '#e8912d', 'Europe/London'),
    person(people.marco, 'marco', 'Marco Bianchi', 'Release manager', '#2d9ee0', 'Europe/Rome'),
    person(people.mina, 'mina', 'Mina Park', 'Release manager', '#9b59b6', 'Asia/Seoul'),
    person(people.ivy, 'ivy', 'Ivy Chen', 'Incident commander', '#d64045', 'America/New_York'),
    { ...person(people.gus, 'gus', 'Gus Weber', 'Agency designer', '#7a8b99', 'Europe/Berlin'), kind: 'guest' },
    { ...person(app.bot_user_id, handleOf(botName), botName, '', '#1f8a70', 'Etc/UTC'), kind: 'bot', email: '' },
  ]
}

/** What people type after `@` for a name. */
export function handleOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')
}

export function seedGroups(created: number): GroupRow[] {
  const group = (id: string, handle: string, name: string, description: string, users: string[]): GroupRow => ({
    id,
    handle,
    name,
    description,
    users,
    created,
    updated: created,
    disabled: false,
  })
  const { releaseManagers, incidentCommanders } = groups
  return [
    group(releaseManagers, 'release-managers', 'Release managers', 'Approve releases', [people.marco, people.mina]),
    group(incidentCommanders, 'incident-commanders', 'Incident commanders', 'Lead incidents', [people.ivy]),
  ]
}

export function seedChannels(created: number): ChannelRow[] {
  const members = [people.rita, people.marco, people.mina, people.ivy]
  const bot = app.bot_user_id
  return [
    { ...channel(channels.general, 'general', 'Everything for everyone', members, created), general: true },
    channel(channels.releases, 'releases', 'What ships, and when', [...members, people.gus, bot], created),
    channel(channels.incidents, 'incidents', 'What is broken, and who is on it', [...members, bot], created),
    channel(channels.random, 'random', 'Everything else', [...members, people.gus], created),
    ...Object.values(people).map((id) => appMessages(id, created)),
  ]
}

/** A person's direct messages with the app. */
export function appMessages(user: string, created: number): ChannelRow {
  return { ...channel(`D0${user.slice(2)}`, '', '', [user, app.bot_user_id], created), kind: 'im' }
}

function person(id: string, name: string, real_name: string, title: string, color: string, tz: string): PersonRow {
  return { id, name, real_name, title, color, tz, kind: 'member', deleted: false, email: `${name}@storefront.example` }
}

function channel(id: string, name: string, purpose: string, members: string[], created: number): ChannelRow {
  const creator = people.ivy
  return {
    id,
    name,
    kind: 'channel',
    creator,
    created,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: purpose, creator: purpose ? creator : '', last_set: purpose ? created : 0 },
    archived: false,
    general: false,
    members,
    previous_names: [],
    bookmarks: [],
    pins: [],
    last_read: {},
  }
}
