import { pin, react } from '../acts/marks.js'
import { refuse } from '../refusal.js'
import { messageJson } from '../shapes/message.js'
import type { MessageRow } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { permalink } from './chat.js'
import { channelArg, messageArg, needMember, needOpen } from './found.js'
import type { Family } from './method.js'

const MOST_PINS = 100
const MOST_REACTIONS = 50

/** Pins and reactions. */
export const markMethods: Family = {
  'pins.add': (world, args) => {
    const message = markedMessage(world, args)
    if ((world.state.channels.get(message.channel)?.pins.length ?? 0) >= MOST_PINS) refuse('too_many_pins')
    if (!pin(world, message, { user: world.app.bot_user_id })) refuse('already_pinned')
    return {}
  },

  'pins.remove': (world, args) => {
    const message = markedMessage(world, args)
    if (!pin(world, message, { user: world.app.bot_user_id, remove: true })) refuse('no_pin')
    return {}
  },

  'pins.list': (world, args) => {
    const channel = channelArg(world, args)
    const items = channel.pins.flatMap(({ ts, user, created }) => {
      const row = world.state.messages.find(channel.id, ts)
      if (!row) return []
      const message = { ...messageJson(world, row), permalink: permalink(world, row) }
      return [{ type: 'message', channel: channel.id, created, created_by: user, message }]
    })
    return { items }
  },

  'reactions.add': (world, args) => {
    const message = markedMessage(world, args)
    const name = emojiArg(args)
    const known = message.reactions ?? []
    if (known.length >= MOST_REACTIONS && !known.some((one) => one.name === name)) refuse('too_many_emoji')
    if (!react(world, message, { user: world.app.bot_user_id, name })) refuse('already_reacted')
    return {}
  },

  'reactions.remove': (world, args) => {
    const message = markedMessage(world, args)
    const gone = react(world, message, { user: world.app.bot_user_id, name: emojiArg(args), remove: true })
    return gone ? {} : refuse('no_reaction')
  },

  'reactions.get': (world, args) => {
    const channel = channelArg(world, args)
    const message = messageArg(world, channel, args.text('timestamp'))
    return { type: 'message', channel: channel.id, message: messageJson(world, message) }
  },

  'reactions.list': (world, args) => {
    const user = args.text('user') || world.app.bot_user_id
    const mine = world.state.messages
      .all()
      .filter((row) => row.reactions?.some((reaction) => reaction.users.includes(user)))
    const items = mine.map((row) => ({ type: 'message', channel: row.channel, message: messageJson(world, row) }))
    return { items, response_metadata: { next_cursor: '' } }
  },
}

function markedMessage(world: World, args: Args): MessageRow {
  const channel = channelArg(world, args)
  if (!args.has('timestamp')) refuse('no_item_specified')
  if (!/^\d+\.\d+$/.test(args.text('timestamp'))) refuse('bad_timestamp')
  needMember(world, channel)
  needOpen(channel)
  return messageArg(world, channel, args.text('timestamp'))
}

function emojiArg(args: Args): string {
  const name = args.text('name')
  return /^[\p{L}\p{N}_+'-]+(::skin-tone-[2-6])?$/u.test(name) ? name : refuse('invalid_name')
}
