import { type MethodRule, rule } from './rule.js'
import { canvas } from './terms.js'

export const canvasRules: { [method: string]: MethodRule } = {
  'canvases.create': rule(
    2,
    'canvases:write',
    '',
    `canvas_creation_failed free_team_canvas_tab_already_exists free_teams_cannot_create_non_tabbed_canvases free_teams_cannot_create_standalone_canvases ${canvas}`,
  ),
  'canvases.delete': rule(
    3,
    'canvases:write',
    'canvas_id',
    'canvas_deleting_disabled canvas_not_found restricted_action',
  ),
  'canvases.edit': rule(
    3,
    'canvases:write',
    'canvas_id changes',
    `canvas_editing_failed canvas_editing_locked canvas_not_found canvas_too_large free_teams_cannot_edit_standalone_canvases ${canvas}`,
  ),
  'canvases.sections.lookup': rule(
    3,
    'canvases:read',
    'canvas_id criteria',
    'canvas_deleted canvas_disabled_user_team canvas_not_found',
  ),
  'conversations.canvases.create': rule(
    2,
    'canvases:write',
    'channel_id',
    `canvas_creation_failed canvas_tab_creation_failed channel_canvas_already_exists channel_canvas_creation_failed free_team_canvas_tab_already_exists team_tier_cannot_create_channel_canvases ${canvas}`,
  ),
}
