import { type Element, elementsIn, findElement, type Placed } from '../elements/elements.js'
import { chosenState, mergedValues, stateValues } from '../elements/values.js'
import type { Block, Click, Reply, StateValues } from '../protocol.js'
import { Refusal } from '../refusal.js'
import { channelName } from '../shapes/channel.js'
import { messageJson } from '../shapes/message.js'
import { viewJson } from '../shapes/view.js'
import type { Json, MessageRow, PersonRow } from '../state/rows.js'
import type { World } from '../world.js'
import { notices } from './notices.js'
import { type Place, placeOf } from './places.js'
import { who } from './who.js'

/** Uses a button, select or other element; the app hears of it, except of inputs that do not dispatch. */
export async function click(world: World, person: PersonRow, click: Click): Promise<Reply> {
  const found = placeOf(world, person, click)
  const placed = findElement(found.blocks, click.block_id, click.action_id)
  if (!placed) throw new Refusal(`There is no ${click.action_id} in the block ${click.block_id}.`)
  const place = remember(world, person, found, placed, click)
  if (placed.block.type === 'input' && placed.block.dispatch_action !== true) return { ok: true }
  if (!world.app.interactive) return { ok: false, notice: notices.noAnswer }

  const payload = {
    type: 'block_actions',
    ...who(world, person),
    trigger_id: world.triggers.create(person.id, place.in === 'view' ? place.view.id : undefined),
    ...placeFields(world, person, place, placed),
    actions: [action(world, placed, click.state ?? {})],
  }
  const names = ['interactive', 'block_actions', click.action_id]
  const receipt = await world.delivery.send({ kind: 'interactive', payload, answerable: true, names })
  if (receipt.outcome === 'acked') return { ok: true }
  return { ok: false, notice: place.in === 'view' ? notices.trouble : notices.noAnswer }
}

function remember(world: World, person: PersonRow, place: Place, placed: Placed, click: Click): Place {
  const values = typedValues(place, placed, click)
  if (place.in === 'view') return { ...place, values, view: world.state.views.put({ ...place.view, values }) }
  if (Object.keys(values).length === 0) return place
  const message = { ...place.message, values: { ...place.message.values, [person.id]: values } }
  return { ...place, values, message: world.state.messages.put(message) }
}

function typedValues(place: Place, { block, element }: Placed, click: Click): StateValues {
  const chosen = click.state && chosenState(element, click.state)
  const mine: StateValues = chosen ? { [block.block_id]: { [element.action_id]: chosen } } : {}
  return mergedValues(mergedValues(place.values, click.values ?? {}), mine)
}

/** The fields that say where an interaction came from. */
export function placeFields(world: World, person: PersonRow, place: Place, { block }: Placed): Json {
  if (place.in === 'view') {
    const { view } = place
    return { container: { type: 'view', view_id: view.id }, view: viewJson(world, view), hash: view.hash }
  }
  const { channel, message } = place
  const thread_ts = message.thread_ts
  const container = {
    ...containerType(message, block.block_id),
    message_ts: message.ts,
    channel_id: channel.id,
    is_ephemeral: Boolean(message.visible_to),
    ...(thread_ts && { thread_ts }),
  }
  const about = { channel: channel.id, user: person.id, message_ts: message.ts, thread_ts }
  return {
    container,
    channel: { id: channel.id, name: channelName(channel) },
    // Slack leaves an ephemeral message out of the payload.
    ...(!message.visible_to && { message: messageJson(world, message) }),
    state: { values: stateValues(place.blocks, place.values) },
    response_url: world.responseUrls.create(about),
  }
}

function containerType({ attachments }: MessageRow, block_id: string): Json {
  const holds = (attachment: Json) =>
    elementsIn((attachment.blocks ?? []) as Block[]).some((one) => one.block.block_id === block_id)
  const attachment = attachments?.find(holds)
  return attachment ? { type: 'message_attachment', attachment_id: attachment.id } : { type: 'message' }
}

const shown = ['text', 'value', 'url', 'style', 'placeholder', 'confirm'] as const

function action(world: World, { block, element }: Placed, held: Json): Json {
  return {
    type: element.type,
    action_id: element.action_id,
    block_id: block.block_id,
    ...only(element, shown),
    ...held,
    action_ts: world.state.ids.ts(),
  }
}

function only(element: Element, fields: readonly string[]): Json {
  return Object.fromEntries(
    fields.filter((field) => element[field] !== undefined).map((field) => [field, element[field]]),
  )
}
