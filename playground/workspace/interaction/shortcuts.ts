import type { Reply, Shortcut } from '../protocol.js'
import { Refusal } from '../refusal.js'
import { channelName } from '../shapes/channel.js'
import { messageJson } from '../shapes/message.js'
import type { Json, PersonRow } from '../state/rows.js'
import type { World } from '../world.js'
import { notices } from './notices.js'
import { messageFor } from './places.js'
import { channelFor, who } from './who.js'

/** Starts a global shortcut, or a message shortcut on the message named. */
export async function startShortcut(world: World, person: PersonRow, shortcut: Shortcut): Promise<Reply> {
  const { callback_id } = shortcut
  const rule = world.app.shortcuts.find((one) => one.callback_id === callback_id)
  if (!rule) throw new Refusal(`The app has no shortcut ${callback_id}.`)
  const fields = rule.type === 'global' ? { type: 'shortcut' } : onMessage(world, person, shortcut)
  const payload = {
    ...fields,
    ...who(world, person),
    callback_id,
    trigger_id: world.triggers.create(person.id),
    action_ts: world.state.ids.ts(),
  }
  const names = ['interactive', String(payload.type), callback_id]
  const receipt = await world.delivery.send({ kind: 'interactive', payload, answerable: false, names })
  return receipt.outcome === 'acked' ? { ok: true } : { ok: false, notice: notices.noAnswer }
}

function onMessage(world: World, person: PersonRow, { channel: id, message_ts }: Shortcut): Json & { type: string } {
  if (!id || !message_ts) throw new Refusal('A message shortcut needs a channel and a message_ts.')
  const channel = channelFor(world, person, id)
  const message = messageFor(world, person, channel, message_ts)
  const about = { channel: channel.id, user: person.id, message_ts }
  return {
    type: 'message_action',
    channel: { id: channel.id, name: channelName(channel) },
    message: messageJson(world, message),
    message_ts,
    response_url: world.responseUrls.create(about),
  }
}
