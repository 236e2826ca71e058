import { stateValues } from '../elements/values.js'
import type { Json, ViewRow } from '../state/rows.js'
import type { World } from '../world.js'

/** A modal or Home view as Slack's methods and payloads show it. */
export function viewJson(world: World, row: ViewRow): Json {
  return {
    id: row.id,
    team_id: world.team.id,
    app_id: world.app.id,
    app_installed_team_id: world.team.id,
    bot_id: world.app.bot_id,
    type: row.type,
    title: row.title ?? { type: 'plain_text', text: '', emoji: true },
    submit: row.submit,
    close: row.close,
    blocks: row.blocks,
    private_metadata: row.private_metadata,
    callback_id: row.callback_id,
    external_id: row.external_id,
    state: { values: stateValues(row.blocks, row.values) },
    hash: row.hash,
    clear_on_close: row.clear_on_close,
    notify_on_close: row.notify_on_close,
    submit_disabled: row.submit_disabled,
    root_view_id: row.root_view_id,
    previous_view_id: row.previous_view_id,
  }
}
