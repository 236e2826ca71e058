import { canvasRules } from './methods/canvases.js'
import { type MethodRule, rule } from './methods/rule.js'
import {
  blocks,
  history,
  invite,
  item,
  kind,
  manage,
  name,
  paid,
  place,
  read,
  refusedPlace,
  running,
  stream,
  topic,
  trigger,
  write,
} from './methods/terms.js'

export type { MethodRule } from './methods/rule.js'
export { commonErrors } from './methods/terms.js'

/**
 * The Web API methods this workspace knows: tier, scopes (any one), required arguments, errors of their own.
 * https://docs.slack.dev/reference/methods
 */
export const methods: Record<string, MethodRule> = {
  'api.test': rule(4, '', '', '', 'none'),
  'auth.test': rule('special', '', '', ''),
  'apps.connections.open': rule(3, '', '', 'forbidden_team insecure_request missing_args', 'app'),
  'blocks.validate': rule(4, '', '', 'invalid_blocks invalid_message invalid_view', 'none'),

  'bookmarks.add': rule(
    2,
    'bookmarks:write',
    'channel_id title type',
    'channel_not_found invalid_bookmark_type invalid_emoji invalid_link permission_denied too_many_bookmarks',
  ),
  'bookmarks.edit': rule(
    2,
    'bookmarks:write',
    'bookmark_id channel_id',
    'channel_not_found invalid_bookmark_type invalid_emoji invalid_link not_found permission_denied',
  ),
  'bookmarks.list': rule(3, 'bookmarks:read', 'channel_id', 'channel_not_found'),
  'bookmarks.remove': rule(
    2,
    'bookmarks:write',
    'bookmark_id channel_id',
    'channel_not_found invalid_bookmark_type not_found permission_denied',
  ),
  'bots.info': rule(3, 'users:read', '', 'bot_not_found bots_not_found team_not_found'),

  ...canvasRules,

  'chat.appendStream': rule(4, 'chat:write', 'channel ts', `stopped_by_user ${running} ${stream}`),
  'chat.delete': rule(3, 'chat:write', 'channel ts', 'cant_delete_message channel_not_found message_not_found'),
  'chat.deleteScheduledMessage': rule(
    3,
    'chat:write',
    'channel scheduled_message_id',
    'bad_token channel_not_found invalid_scheduled_message_id',
  ),
  'chat.getPermalink': rule('special', '', 'channel message_ts', 'channel_not_found message_not_found'),
  'chat.meMessage': rule(3, 'chat:write', 'channel text', `msg_too_long no_text rate_limited ${place}`),
  'chat.postEphemeral': rule(
    4,
    'chat:write',
    'channel user',
    `cannot_reply_to_message invalid_attachments messages_tab_disabled msg_too_long restricted_action user_not_in_channel ${place} ${blocks}`,
  ),
  'chat.postMessage': rule(
    'post',
    'chat:write',
    'channel',
    `app_access_restricted attachment_payload_limit_exceeded cannot_reply_to_message messages_tab_disabled rate_limited team_not_found ${refusedPlace} ${blocks}`,
  ),
  'chat.scheduledMessages.list': rule(3, '', '', 'invalid_channel invalid_cursor invalid_token'),
  'chat.scheduleMessage': rule(
    3,
    'chat:write',
    'channel post_at',
    `invalid_time msg_too_long rate_limited restricted_too_many time_in_past time_too_far ${refusedPlace} ${blocks}`,
  ),
  'chat.startStream': rule(
    2,
    'chat:write',
    'channel',
    `missing_recipient_team_id missing_recipient_user_id not_subscribed_to_message_stream_stopped user_not_found ${stream}`,
  ),
  'chat.stopStream': rule(
    2,
    'chat:write',
    'channel ts',
    `attachment_payload_limit_exceeded cannot_reply_to_message ${running} ${stream}`,
  ),
  'chat.update': rule(
    3,
    'chat:write',
    'channel ts',
    `block_mismatch cant_broadcast_message cant_update_message channel_not_found edit_window_closed invalid_attachments is_inactive message_not_found msg_too_long streaming_state_conflict update_failed ${blocks}`,
  ),

  'conversations.archive': rule(
    2,
    write,
    'channel',
    `already_archived cant_archive_general cant_archive_required channel_not_found not_in_channel restricted_action ${kind}`,
  ),
  'conversations.close': rule(2, write, 'channel', `channel_not_found not_permitted user_does_not_own_channel ${kind}`),
  'conversations.create': rule(2, write, 'name', `cannot_create_channel no_channel restricted_action ${name}`),
  'conversations.history': rule(
    3,
    history,
    'channel',
    'channel_is_limited_access channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest not_in_channel',
  ),
  'conversations.info': rule(3, read, 'channel', 'channel_is_limited_access channel_not_found'),
  'conversations.invite': rule(
    3,
    invite,
    'channel users',
    `already_in_channel app_cannot_join_channel cant_invite cant_invite_self invitee_cant_see_channel no_user ura_max_channels user_is_restricted user_not_found ${place} ${kind}`,
  ),
  'conversations.join': rule(
    3,
    'channels:join',
    'channel',
    `channel_is_limited_access channel_not_found is_archived too_many_members ${kind}`,
  ),
  'conversations.kick': rule(
    3,
    'channels:manage groups:write',
    'channel user',
    `cant_kick_from_general cant_kick_self channel_not_found not_in_channel not_supported restricted_action user_not_found ${kind}`,
  ),
  'conversations.leave': rule(
    3,
    write,
    'channel',
    `cant_leave_general channel_not_found is_archived last_member user_is_restricted ${kind}`,
  ),
  'conversations.list': rule(2, read, '', `invalid_cursor invalid_limit invalid_types ${kind}`),
  'conversations.mark': rule(3, write, 'channel ts', 'channel_not_found invalid_timestamp not_in_channel'),
  'conversations.members': rule(
    4,
    read,
    'channel',
    `channel_not_found fetch_members_failed invalid_cursor invalid_limit ${kind}`,
  ),
  'conversations.open': rule(
    3,
    manage,
    '',
    `channel_not_found invalid_user_combination not_enough_users too_many_users user_disabled user_not_found user_not_visible users_list_not_supplied ${kind}`,
  ),
  'conversations.rename': rule(2, write, 'channel name', `not_authorized ${place} ${name} ${kind}`),
  'conversations.replies': rule(
    3,
    history,
    'channel ts',
    `channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest thread_not_found ${kind}`,
  ),
  'conversations.setPurpose': rule(2, topic, 'channel purpose', `too_long user_is_restricted ${place} ${kind}`),
  'conversations.setTopic': rule(2, topic, 'channel topic', `too_long user_is_restricted ${place} ${kind}`),
  'conversations.unarchive': rule(2, write, 'channel', `channel_not_found not_archived not_in_channel ${kind}`),

  'files.completeUploadExternal': rule(
    4,
    'files:write',
    'files',
    'channel_not_found channels_limit_exceeded file_not_found file_type_not_allowed file_update_failed invalid_blocks invalid_channel not_in_channel posting_to_channel_denied',
  ),
  'files.delete': rule(
    3,
    'files:write',
    'file',
    'cant_delete_file delete_not_allowed file_deleted file_deleting_disabled file_not_found',
  ),
  'files.getUploadURLExternal': rule(
    4,
    'files:write',
    'filename length',
    'alt_txt_too_large file_type_not_allowed file_upload_size_restricted file_uploads_disabled snippet_too_large storage_limit_reached unknown_snippet_type unknown_subtype',
  ),
  'files.info': rule(4, 'files:read', 'file', 'file_deleted file_not_found not_visible'),
  'files.list': rule(3, 'files:read', '', 'unknown_type user_not_found'),

  'functions.completeError': rule(
    3,
    '',
    'function_execution_id error',
    'execution_not_in_running_state function_execution_not_found',
  ),
  'functions.completeSuccess': rule(
    3,
    '',
    'function_execution_id outputs',
    'execution_not_in_running_state function_execution_not_found parameter_validation_failed',
  ),

  'pins.add': rule(
    2,
    'pins:write',
    'channel',
    `already_pinned file_not_shared not_in_channel not_pinnable restricted_action too_many_pins ${item}`,
  ),
  'pins.list': rule(2, 'pins:read', 'channel', 'channel_not_found restricted_action'),
  'pins.remove': rule(2, 'pins:write', 'channel', `no_pin not_pinned restricted_action ${item}`),
  'reactions.add': rule(
    3,
    'reactions:write',
    'channel name timestamp',
    `already_reacted invalid_name is_archived no_access not_reactable thread_locked too_many_emoji too_many_reactions ${item}`,
  ),
  'reactions.get': rule(3, 'reactions:read', '', item),
  'reactions.list': rule(2, 'reactions:read', '', 'user_not_found'),
  'reactions.remove': rule(2, 'reactions:write', 'name', `invalid_name no_access no_reaction thread_locked ${item}`),

  'team.info': rule(3, 'team:read', '', 'missing_user team_not_found user_not_found'),

  'usergroups.create': rule(
    2,
    'usergroups:write',
    'name',
    `bad_handle description_too_long forbidden_handle handle_already_exists missing_subteam_name name_already_exists name_too_long paid_teams_only permission_denied ${paid}`,
  ),
  'usergroups.disable': rule(2, 'usergroups:write', 'usergroup', `permission_denied ${paid}`),
  'usergroups.enable': rule(2, 'usergroups:write', 'usergroup', `permission_denied ${paid}`),
  'usergroups.list': rule(2, 'usergroups:read', '', `invalid_cursor invalid_team users_not_found ${paid}`),
  'usergroups.update': rule(
    2,
    'usergroups:write',
    'usergroup',
    'paid_teams_only permission_denied too_many_linked_channels',
  ),
  'usergroups.users.list': rule(2, 'usergroups:read', 'usergroup', `invalid_cursor no_such_subteam ${paid}`),
  'usergroups.users.update': rule(
    2,
    'usergroups:write',
    'usergroup users',
    `failed_for_some_users invalid_users no_users_provided permission_denied subteam_max_users_exceeded ${paid}`,
  ),

  'users.conversations': rule(3, read, '', `invalid_cursor invalid_limit invalid_types ${kind}`),
  'users.getPresence': rule(3, 'users:read', '', ''),
  'users.info': rule(4, 'users:read', 'user', 'user_not_found user_not_visible'),
  'users.list': rule(2, 'users:read', '', 'invalid_cursor limit_required'),
  'users.lookupByEmail': rule(3, 'users:read.email', 'email', 'users_not_found'),
  'users.profile.get': rule(4, 'users.profile:read', '', 'user_not_found'),

  'views.open': rule(4, '', 'view', trigger),
  'views.publish': rule(4, '', 'user_id view', 'hash_conflict missing_profile_id not_enabled view_too_large'),
  'views.push': rule(4, '', 'view', `not_found push_limit_reached ${trigger}`),
  'views.update': rule(4, '', 'view', 'duplicate_external_id hash_conflict not_found view_too_large'),
}

// A caller's method name is looked up here, and `constructor` is no method.
Object.setPrototypeOf(methods, null)
