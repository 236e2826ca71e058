/** Errors that any method may answer with. */
export const commonErrors = words(`access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied
  enterprise_is_restricted fatal_error internal_error invalid_arg_name invalid_arguments invalid_array_arg invalid_auth
  invalid_charset invalid_form_data invalid_post_type is_bot method_deprecated missing_post_type missing_scope
  no_permission not_allowed_token_type not_authed org_login_required ratelimited request_timeout service_unavailable
  team_access_not_granted team_added_to_org token_expired token_revoked two_factor_setup_required unknown_method`)

export const read = 'channels:read groups:read im:read mpim:read'
export const history = 'channels:history groups:history im:history mpim:history'
export const manage = 'channels:manage groups:write im:write mpim:write'
export const write = `${manage} channels:write`
export const topic = `${manage} channels:write.topic groups:write.topic im:write.topic mpim:write.topic`
export const invite = `${manage} channels:write.invites groups:write.invites`

export const metadata =
  'invalid_metadata_format invalid_metadata_schema metadata_must_be_sent_from_app metadata_too_large'
export const blocks = `invalid_blocks invalid_blocks_format msg_blocks_too_long no_text markdown_text_conflict
  too_many_attachments message_limit_exceeded ${metadata}`
export const place = 'channel_not_found not_in_channel is_archived'
export const refusedPlace = `${place} restricted_action restricted_action_read_only_channel
  restricted_action_thread_only_channel restricted_action_non_threadable_channel restricted_action_thread_locked`
export const stream = `channel_type_not_supported invalid_chunks messaging_processing_failed msg_blocks_too_many
  messages_tab_disabled team_not_found rate_limited ${refusedPlace} ${blocks}`
export const running = 'message_not_found message_not_in_streaming_state message_not_owned_by_app'
export const name = `invalid_name invalid_name_maxlength invalid_name_punctuation invalid_name_required invalid_name_specials
  name_taken`
export const kind = 'method_not_supported_for_channel_type'
export const canvas = 'canvas_disabled_user_team restricted_action'
export const trigger = 'exchanged_trigger_id expired_trigger_id invalid_trigger_id view_too_large duplicate_external_id'
export const paid = 'plan_upgrade_required'
export const item = 'bad_timestamp channel_not_found file_not_found message_not_found no_item_specified'

/** The words of a text, split at any white space. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
