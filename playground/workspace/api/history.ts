import { refuse } from '../refusal.js'
import { channelJson } from '../shapes/channel.js'
import { messageJson } from '../shapes/message.js'
import type { ChannelRow, MessageRow } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { channelArg, needKindScope, needMember, personArg } from './found.js'
import { needScope } from './gate.js'
import type { Family } from './method.js'
import { pageOf } from './pages.js'

const types = {
  public_channel: { kind: 'channel', scope: 'channels:read' },
  private_channel: { kind: 'private', scope: 'groups:read' },
  im: { kind: 'im', scope: 'im:read' },
  mpim: { kind: 'mpim', scope: 'mpim:read' },
} as const

/** Methods that read conversations: lists of them, and what was said there. */
export const historyMethods: Family = {
  'conversations.list': (world, args) => {
    const all = listed(world, args).filter((row) => row.kind === 'channel' || isMember(row, world.app.bot_user_id))
    const page = pageOf(all, args, { usual: 100, most: 1000 })
    const channels = page.items.map((row) => channelJson(world, row, { members: true }))
    return { channels, response_metadata: page.response_metadata }
  },

  'users.conversations': (world, args) => {
    const user = args.has('user') ? personArg(world, args.text('user')).id : world.app.bot_user_id
    const seen = (row: ChannelRow) => row.kind === 'channel' || isMember(row, world.app.bot_user_id)
    const mine = listed(world, args).filter((row) => isMember(row, user) && seen(row))
    const page = pageOf(mine, args, { usual: 100, most: 999 })
    return { channels: page.items.map((row) => channelJson(world, row)), response_metadata: page.response_metadata }
  },

  'conversations.history': (world, args) => {
    const channel = readable(world, args)
    const rows = inTime(world.state.messages.in(channel.id), args).filter(
      (row) => !row.visible_to && (!isReply(row) || row.broadcast),
    )
    const page = pageOf(rows.reverse(), args, { usual: 100, most: 999 })
    return { ...shown(world, page, args), pin_count: channel.pins.length }
  },

  'conversations.replies': (world, args) => {
    const channel = readable(world, args)
    const ts = args.text('ts')
    const found = world.state.messages.find(channel.id, ts)
    if (!found || found.visible_to) refuse('thread_not_found')
    const parent = world.state.messages.find(channel.id, found.thread_ts ?? ts) ?? found
    const replies = world.state.messages.replies(channel.id, parent.ts).filter((row) => !row.visible_to)
    const page = pageOf([parent, ...inTime(replies, args)], args, { usual: 100, most: 1000 })
    return shown(world, page, args)
  },
}

function readable(world: World, args: Args): ChannelRow {
  const channel = channelArg(world, args)
  needKindScope(world, channel, 'history')
  needMember(world, channel)
  return channel
}

function listed(world: World, args: Args): ChannelRow[] {
  const wanted = (args.has('types') ? args.list('types') : ['public_channel']).map((type) => {
    if (!Object.hasOwn(types, type)) refuse('invalid_types')
    return types[type as keyof typeof types]
  })
  for (const { scope } of wanted) needScope(world, [scope])
  const kinds = new Set<string>(wanted.map(({ kind }) => kind))
  const withoutArchived = args.flag('exclude_archived')
  return world.state.channels.all().filter((row) => kinds.has(row.kind) && !(withoutArchived && row.archived))
}

function inTime(rows: MessageRow[], args: Args): MessageRow[] {
  const oldest = moment(args, 'oldest') ?? 0
  const latest = moment(args, 'latest') ?? Number.POSITIVE_INFINITY
  const inclusive = args.flag('inclusive')
  return rows.filter(({ ts }) => {
    const at = Number(ts)
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest
  })
}

function moment(args: Args, name: 'oldest' | 'latest'): number | undefined {
  if (!args.has(name)) return undefined
  const at = Number(args.text(name))
  return Number.isNaN(at) ? refuse(`invalid_ts_${name}`) : at
}

function shown(world: World, page: ReturnType<typeof pageOf<MessageRow>>, args: Args) {
  const metadata = args.flag('include_all_metadata')
  const messages = page.items.map((row) => messageJson(world, row, { metadata }))
  return { messages, has_more: page.has_more, response_metadata: page.response_metadata }
}

const isReply = (row: MessageRow) => row.thread_ts !== undefined && row.thread_ts !== row.ts

const isMember = (row: ChannelRow, user: string) => row.members.includes(user)
