import { asApp, contentOf, type Said } from '../acts/content.js'
import { change, post, remove } from '../acts/messages.js'
import { refuse } from '../refusal.js'
import type { ChannelRow, MessageRow, ResponseUrlRow } from '../state/rows.js'
import type { World } from '../world.js'

/** What an app may send to a response url, or answer inside an acknowledgement. */
export type Response = Said & {
  response_type?: string
  replace_original?: boolean
  delete_original?: boolean
  thread_ts?: string
}

/** Does what the app answered to an interaction; refuses in Slack's words. */
export function respond(world: World, about: ResponseUrlRow, response: Response): MessageRow | undefined {
  const channel = world.state.channels.get(about.channel)
  if (!channel) refuse('channel_not_found')
  const original = about.message_ts ? world.state.messages.find(about.channel, about.message_ts) : undefined
  if (response.delete_original) return void (original && remove(world, original))
  if (response.replace_original && original) return replace(world, original, response)
  return say(world, channel, about, response)
}

function replace(world: World, original: MessageRow, response: Response): MessageRow {
  if (original.app_id !== world.app.id) refuse('cant_update_message')
  const none = { blocks: undefined, attachments: undefined, blocks_made: undefined }
  return change(world, original, { ...none, ...contentOf(world, response) })
}

function say(world: World, channel: ChannelRow, about: ResponseUrlRow, response: Response): MessageRow {
  const inChannel = response.response_type === 'in_channel'
  const thread_ts = response.thread_ts ?? (inChannel ? undefined : about.thread_ts)
  return post(world, channel, {
    ...asApp(world),
    ...contentOf(world, response),
    ...(thread_ts && { thread_ts }),
    ...(!inChannel && { visible_to: about.user }),
  })
}
