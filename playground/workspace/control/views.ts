import { stateValues } from '../elements/values.js'
import { maySee } from '../interaction/who.js'
import type { Canvas, ChannelSummary, Message, Person, View, Workspace } from '../protocol.js'
import { markdownOf, tabsOf } from '../shapes/canvas.js'
import type { CanvasRow, ChannelRow, MessageRow, PersonRow, ViewRow } from '../state/rows.js'
import { mentionsIn } from '../text.js'
import type { World } from '../world.js'

/** The workspace as every page shows it. */
export function workspaceSeen(world: World): Workspace {
  const { team, app, state, clock, delivery } = world
  return {
    team,
    people: state.people.all().map(personSeen),
    groups: state.groups
      .all()
      .filter((row) => !row.disabled)
      .map(({ id, handle, name, users }) => ({ id, handle, name, users })),
    app: {
      id: app.id,
      bot_user_id: app.bot_user_id,
      name: app.display_name,
      commands: app.commands.map(({ command, description, usage_hint }) => ({ command, description, usage_hint })),
      shortcuts: app.shortcuts,
      connected: delivery.connected(),
    },
    now_ms: clock.now(),
  }
}

export function personSeen({ email: _, ...person }: PersonRow): Person {
  return person
}

/** Every conversation in a person's list, channels first in order of their names. */
export function channelsSeen(world: World, person: PersonRow): ChannelSummary[] {
  const seen = world.state.channels.all().filter((row) => maySee(row, person))
  return seen.map((row) => channelSeen(world, person, row)).sort((a, b) => a.name.localeCompare(b.name))
}

/** A message as one person sees it. */
export function messageSeen(world: World, person: PersonRow, row: MessageRow): Message {
  const replies = world.state.messages.replies(row.channel, row.ts).filter((reply) => sees(person, reply))
  return {
    ts: row.ts,
    channel: row.channel,
    user: row.user,
    bot_id: row.bot_id,
    username: row.username,
    text: row.text,
    blocks: row.blocks,
    attachments: row.attachments,
    subtype: row.subtype,
    thread_ts: row.thread_ts,
    edited: row.edited,
    reactions: row.reactions,
    pinned: world.state.channels.get(row.channel)?.pins.some((pin) => pin.ts === row.ts),
    ephemeral: row.visible_to !== undefined,
    files: row.files?.flatMap((id) => fileSeen(world, id)),
    mentions_me: mentions(world, person, row),
    ...(replies.length > 0 && {
      reply_count: replies.length,
      reply_users: [...new Set(replies.map((reply) => reply.user))],
      latest_reply: replies.at(-1)?.ts,
    }),
  }
}

/** True when this person may see the message, as far as it is for everybody or for them. */
export function sees(person: PersonRow, row: MessageRow): boolean {
  return row.visible_to === undefined || row.visible_to === person.id
}

/** True for what stands in the channel itself. */
export function isTopLevel(row: MessageRow): boolean {
  return row.thread_ts === undefined || row.thread_ts === row.ts || row.broadcast === true
}

export function viewSeen(row: ViewRow): View {
  return {
    id: row.id,
    type: row.type,
    callback_id: row.callback_id,
    title: (row.title as View['title']) ?? undefined,
    submit: row.submit as View['submit'],
    close: row.close as View['close'],
    blocks: row.blocks,
    private_metadata: row.private_metadata,
    state: { values: stateValues(row.blocks, row.values) },
    hash: row.hash,
    errors: row.errors,
  }
}

function channelSeen(world: World, person: PersonRow, row: ChannelRow): ChannelSummary {
  const other = row.kind === 'im' ? (row.members.find((id) => id !== person.id) ?? person.id) : undefined
  const member = row.members.includes(person.id)
  const last_read = row.last_read[person.id] ?? '0000000000.000000'
  return {
    id: row.id,
    name: other ? (world.state.people.get(other)?.name ?? other) : row.name,
    kind: kindSeen(world, row, other),
    topic: row.topic.value,
    purpose: row.purpose.value,
    archived: row.archived,
    member,
    members: row.members.length,
    ...(other && { with: other }),
    ...(member ? countNew(world, person, row, last_read) : { unread: 0, mentions: 0 }),
    last_read,
    bookmarks: row.bookmarks.map(({ id, title, link, emoji }) => ({ id, title, link, emoji })),
    pins: row.pins.map((pin) => pin.ts),
    canvases: tabsOf(world, row.id).map(({ id, title }) => ({ id, title })),
  }
}

export function canvasSeen(row: CanvasRow): Canvas {
  const { id, title, updated, updated_by } = row
  return { id, title, markdown: markdownOf(row), updated_s: updated, updated_by }
}

function kindSeen(world: World, row: ChannelRow, other: string | undefined): ChannelSummary['kind'] {
  if (row.kind === 'im') return other === world.app.bot_user_id ? 'app' : 'im'
  return row.kind === 'channel' ? 'channel' : 'private'
}

const QUIET = new Set(['channel_join', 'channel_leave', 'tombstone'])

function countNew(world: World, person: PersonRow, channel: ChannelRow, last_read: string) {
  const isNew = (row: MessageRow) => Number(row.ts) > Number(last_read) && row.user !== person.id && sees(person, row)
  const rows = world.state.messages.in(channel.id).filter((row) => isNew(row) && !QUIET.has(row.subtype ?? ''))
  const unread = rows.filter(isTopLevel).length
  const mentioned = channel.kind === 'im' ? unread : rows.filter((row) => mentions(world, person, row)).length
  return { unread, mentions: mentioned }
}

function mentions(world: World, person: PersonRow, row: MessageRow): boolean {
  const said = mentionsIn(`${row.text} ${row.blocks_made ? '' : JSON.stringify(row.blocks ?? '')}`)
  const mine = world.state.groups.all().filter((group) => group.users.includes(person.id))
  return (
    said.broadcast.length > 0 || said.users.includes(person.id) || mine.some((group) => said.groups.includes(group.id))
  )
}

function fileSeen(world: World, id: string) {
  const row = world.state.files.get(id)
  if (!row) return []
  const { name, title, mimetype, size, alt_txt } = row
  const url = `/_control/files/${id}/${encodeURIComponent(name)}`
  return [{ id, name, title, mimetype, size, url, ...(alt_txt && { alt: alt_txt }) }]
}
