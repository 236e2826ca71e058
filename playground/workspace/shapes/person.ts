import type { GroupRow, Json, PersonRow } from '../state/rows.js'
import type { World } from '../world.js'

/** A person as `users.info` shows them; the address only to apps that may read addresses. */
export function personJson(world: World, row: PersonRow): Json {
  const isBot = row.kind === 'bot'
  return {
    id: row.id,
    team_id: world.team.id,
    name: row.name,
    deleted: row.deleted,
    color: row.color.replace('#', ''),
    real_name: row.real_name,
    tz: row.tz,
    tz_label: row.tz,
    tz_offset: offsetSeconds(row.tz, world.clock.now()),
    profile: profileJson(world, row),
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: row.kind === 'guest',
    is_ultra_restricted: false,
    is_bot: isBot,
    is_app_user: false,
    is_stranger: false,
    updated: 0,
    is_email_confirmed: !isBot,
    who_can_share_contact_card: 'EVERYONE',
  }
}

export function profileJson(world: World, row: PersonRow): Json {
  const mayReadEmail = world.app.scopes.has('users:read.email') && row.email
  return {
    real_name: row.real_name,
    real_name_normalized: row.real_name,
    display_name: row.kind === 'bot' ? '' : row.name,
    display_name_normalized: row.kind === 'bot' ? '' : row.name,
    title: row.title,
    phone: '',
    status_text: '',
    status_emoji: '',
    team: world.team.id,
    ...(mayReadEmail && { email: row.email }),
    ...(row.kind === 'bot' && { bot_id: world.app.bot_id, api_app_id: world.app.id, always_active: true }),
  }
}

export function groupJson(world: World, row: GroupRow, options: { users?: boolean } = {}): Json {
  return {
    id: row.id,
    team_id: world.team.id,
    is_usergroup: true,
    is_subteam: true,
    is_external: false,
    name: row.name,
    description: row.description,
    handle: row.handle,
    date_create: row.created,
    date_update: row.updated,
    date_delete: row.disabled ? row.updated : 0,
    auto_type: null,
    created_by: '',
    updated_by: '',
    deleted_by: null,
    prefs: { channels: [], groups: [] },
    user_count: row.users.length,
    ...(options.users && { users: row.users }),
  }
}

function offsetSeconds(tz: string, now: number): number {
  const local = new Date(new Date(now).toLocaleString('en-US', { timeZone: tz })).getTime()
  const utc = new Date(new Date(now).toLocaleString('en-US', { timeZone: 'UTC' })).getTime()
  return Math.round((local - utc) / 1000)
}
