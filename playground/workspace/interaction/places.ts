import type { Block, StateValues } from '../protocol.js'
import { Refusal } from '../refusal.js'
import type { ChannelRow, MessageRow, PersonRow, ViewRow } from '../state/rows.js'
import type { World } from '../world.js'
import { channelFor } from './who.js'

/** Where an element is that a person uses: in a message or in a view of theirs. */
export type Place =
  | { in: 'message'; channel: ChannelRow; message: MessageRow; blocks: Block[]; values: StateValues }
  | { in: 'view'; view: ViewRow; blocks: Block[]; values: StateValues }

export type PlaceNames = { channel?: string; message_ts?: string; view_id?: string }

/** Finds it, or says that this person sees nothing there. */
export function placeOf(world: World, person: PersonRow, names: PlaceNames): Place {
  return names.view_id ? viewPlace(world, person, names.view_id) : messagePlace(world, person, names)
}

function viewPlace(world: World, person: PersonRow, view_id: string): Place {
  const view = world.state.views.get(view_id)
  if (!view || view.user !== person.id) throw new Refusal(`${person.name} has no view ${view_id} open.`)
  return { in: 'view', view, blocks: view.blocks, values: view.values }
}

function messagePlace(world: World, person: PersonRow, { channel: id, message_ts }: PlaceNames): Place {
  if (!id || !message_ts) throw new Refusal('Name a view_id, or a channel and a message_ts.')
  const channel = channelFor(world, person, id)
  const message = messageFor(world, person, channel, message_ts)
  const attached = (message.attachments ?? []).flatMap(({ blocks }) => (Array.isArray(blocks) ? blocks : []))
  const blocks = [...(message.blocks ?? []), ...attached]
  return { in: 'message', channel, message, blocks, values: message.values?.[person.id] ?? {} }
}

/** A message that this person sees. */
export function messageFor(world: World, person: PersonRow, channel: ChannelRow, ts: string): MessageRow {
  const message = world.state.messages.find(channel.id, ts)
  if (!message || (message.visible_to && message.visible_to !== person.id)) {
    throw new Refusal(`${person.name} sees no message ${ts} in ${channel.id}.`)
  }
  return message
}
