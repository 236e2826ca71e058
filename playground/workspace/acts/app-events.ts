import type { ChannelRow, Json } from '../state/rows.js'
import type { World } from '../world.js'

/** Scopes that an event needs, any one of them; by conversation kind where that decides. */
const scopesOf: { [event: string]: string[] } = {
  app_mention: ['app_mentions:read'],
  reaction_added: ['reactions:read'],
  reaction_removed: ['reactions:read'],
  pin_added: ['pins:read'],
  pin_removed: ['pins:read'],
  file_shared: ['files:read'],
  user_change: ['users:read'],
  team_join: ['users:read'],
  subteam_created: ['usergroups:read'],
  subteam_updated: ['usergroups:read'],
  subteam_members_changed: ['usergroups:read'],
  channel_created: ['channels:read'],
  channel_rename: ['channels:read'],
  channel_archive: ['channels:read'],
  channel_unarchive: ['channels:read'],
}

const prefixes = { channel: 'channels', private: 'groups', im: 'im', mpim: 'mpim' } as const

/** Sends an event to the app if it subscribed to it, has the scope, and is in the conversation that it is about. */
export function tellApp(world: World, event: Json & { type: string }, about?: ChannelRow): void {
  const { app } = world
  if (about && !about.members.includes(app.bot_user_id)) return
  if (!app.events.has(subscription(event.type, about))) return
  const scopes = neededScopes(event.type, about)
  if (scopes.length > 0 && !scopes.some((scope) => app.scopes.has(scope))) return
  sendToApp(world, event)
}

/** Sends an event to the app whatever it subscribed to. */
export function sendToApp(world: World, event: Json): void {
  const { app, team, state, clock } = world
  const event_id = state.ids.next('Ev')
  const installed = { enterprise_id: null, team_id: team.id, user_id: app.bot_user_id, is_bot: true }
  const payload = {
    token: 'playground',
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: app.id,
    event: { event_ts: state.ids.ts(), ...event },
    type: 'event_callback',
    event_id,
    event_time: Math.floor(clock.now() / 1000),
    authorizations: [{ ...installed, is_enterprise_install: false }],
    is_ext_shared_channel: false,
    event_context: `4-${event_id}`,
  }
  world.delivery.sendEvent(payload, [String(event.type)])
}

function subscription(type: string, about: ChannelRow | undefined): string {
  if (type !== 'message' || !about) return type
  return about.kind === 'channel' ? 'message.channels' : `message.${prefixes[about.kind]}`
}

function neededScopes(type: string, about: ChannelRow | undefined): string[] {
  if (about && type === 'message') return [`${prefixes[about.kind]}:history`]
  if (about && type.startsWith('member_')) return [`${prefixes[about.kind]}:read`]
  return scopesOf[type] ?? []
}
