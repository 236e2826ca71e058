import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { tellApp } from '../acts/app-events.js'
import { changeCanvas, createCanvas, sectionsFrom } from '../acts/canvases.js'
import { addMember, directMessages, dropMember } from '../acts/channels.js'
import { pin, react } from '../acts/marks.js'
import { change, remove } from '../acts/messages.js'
import { click } from '../interaction/actions.js'
import { runCommand } from '../interaction/commands.js'
import { asSent, namesIn, sendTyped } from '../interaction/composer.js'
import { homeOf } from '../interaction/modals.js'
import { askOptions } from '../interaction/options.js'
import { messageFor } from '../interaction/places.js'
import { startShortcut } from '../interaction/shortcuts.js'
import { close, submit } from '../interaction/submissions.js'
import { channelFor, personOf } from '../interaction/who.js'
import type { Reply } from '../protocol.js'
import { Refusal } from '../refusal.js'
import { channelCanvas } from '../shapes/canvas.js'
import { viewJson } from '../shapes/view.js'
import type { MessageRow, PersonRow } from '../state/rows.js'
import { toRichText } from '../text.js'
import type { World } from '../world.js'
import { bodies } from './bodies.js'

type Body<Name extends keyof typeof bodies> = z.output<(typeof bodies)[Name]>

/** Serves what a person does. */
export function serveWrites(server: FastifyInstance, world: World): void {
  const act = <Name extends keyof typeof bodies>(
    path: string,
    name: Name,
    does: (person: PersonRow, body: Body<Name>) => unknown,
  ) =>
    server.post<{ Params: { user: string } }>(`/as/:user/${path}`, async ({ params, body }) =>
      does(personOf(world, params.user), bodies[name].parse(body) as Body<Name>),
    )

  act('send', 'send', (person, body) => send(world, person, body))
  act('click', 'click', (person, body) => click(world, person, body))
  act('submit', 'submit', (person, body) => submit(world, person, body.view_id, body.values))
  act('close', 'close', (person, body) => close(world, person, body.view_id, body.all))
  act('options', 'options', (person, body) => askOptions(world, person, body))
  act('shortcut', 'shortcut', (person, body) => startShortcut(world, person, body))
  act('home', 'nothing', (person) => openHome(world, person))
  act('react', 'react', (person, body) => {
    const message = seen(world, person, body)
    return { ok: react(world, message, { user: person.id, name: body.name, remove: body.remove }) }
  })
  act('pin', 'pin', (person, body) => {
    return { ok: pin(world, seen(world, person, body), { user: person.id, remove: body.remove }) }
  })
  act('read', 'read', (person, body) => markRead(world, person, body))
  act('join', 'place', (person, body) => {
    const channel = channelFor(world, person, body.channel)
    if (channel.kind !== 'channel' || channel.archived) throw new Refusal(`#${channel.name} cannot be joined.`)
    addMember(world, channel, person.id)
    return { ok: true }
  })
  act('leave', 'place', (person, body) => {
    const channel = channelFor(world, person, body.channel)
    if (channel.general) throw new Refusal('Nobody can leave #general.')
    if (channel.members.includes(person.id)) dropMember(world, channel, person.id)
    return { ok: true }
  })
  act('im', 'im', (person, body) => {
    if (!world.state.people.get(body.user)) throw new Refusal(`There is no person ${body.user}.`)
    return { channel: directMessages(world, [person.id, body.user]).id }
  })
  act('edit', 'edit', (person, body) => edit(world, person, body))
  act('canvas', 'canvas', (person, body) => writeCanvas(world, person, body))
  act('delete', 'message', (person, body) => {
    remove(world, own(world, person, body))
    return { ok: true }
  })
}

async function send(world: World, person: PersonRow, body: Body<'send'>): Promise<Reply> {
  const channel = channelFor(world, person, body.channel)
  if (!channel.members.includes(person.id)) return { ok: false, notice: `You are not a member of #${channel.name}.` }
  if (channel.archived) return { ok: false, notice: `#${channel.name} is archived.` }
  if (!body.text.trim()) return { ok: false }
  if (body.thread_ts) messageFor(world, person, channel, body.thread_ts)
  const typed = { person, channel, text: body.text, thread_ts: body.thread_ts }
  return body.text.startsWith('/') ? runCommand(world, typed) : sendTyped(world, typed)
}

function openHome(world: World, person: PersonRow): Reply {
  if (!world.app.homeTab) return { ok: false, notice: 'This app has no Home tab.' }
  const channel = directMessages(world, [person.id, world.app.bot_user_id])
  const view = homeOf(world, person.id)
  const event = { type: 'app_home_opened', user: person.id, channel: channel.id, tab: 'home' }
  tellApp(world, { ...event, ...(view && { view: viewJson(world, view) }) })
  return { ok: true }
}

function markRead(world: World, person: PersonRow, { channel: id, ts }: Body<'read'>): Reply {
  const channel = channelFor(world, person, id)
  world.state.channels.put({ ...channel, last_read: { ...channel.last_read, [person.id]: ts } })
  world.changes.tell([person.id], { kind: 'channels' })
  return { ok: true }
}

function edit(world: World, person: PersonRow, body: Body<'edit'>): Reply {
  const text = asSent(body.text, namesIn(world))
  const edited = { user: person.id, ts: world.state.ids.ts() }
  change(world, own(world, person, body), { text, blocks: [toRichText(text)], blocks_made: true, edited })
  return { ok: true, ts: body.ts }
}

/** A person types in the channel's canvas, which is there from then on. */
function writeCanvas(world: World, person: PersonRow, { channel: id, markdown }: Body<'canvas'>): Reply {
  const channel = channelFor(world, person, id)
  const row = channelCanvas(world, channel.id)
  if (row) changeCanvas(world, row, { sections: sectionsFrom(world, markdown) }, person.id)
  else createCanvas(world, { kind: 'channel', title: '', channel: channel.id, markdown, user: person.id })
  return { ok: true }
}

function seen(world: World, person: PersonRow, { channel, ts }: { channel: string; ts: string }): MessageRow {
  return messageFor(world, person, channelFor(world, person, channel), ts)
}

function own(world: World, person: PersonRow, body: { channel: string; ts: string }): MessageRow {
  const message = seen(world, person, body)
  if (message.user !== person.id) throw new Refusal(`${person.name} did not write ${body.ts}.`)
  return message
}
