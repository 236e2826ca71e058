import { showChannels } from '../acts/channels.js'
import { refuse } from '../refusal.js'
import type { BookmarkRow, ChannelRow, Json } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { channelArg } from './found.js'
import type { Family } from './method.js'

const MOST_BOOKMARKS = 100
const LONGEST_TITLE = 256
const LONGEST_LINK = 2048

export const bookmarkMethods: Family = {
  'bookmarks.add': (world, args) => {
    const channel = bookmarked(world, args)
    if (args.text('type') !== 'link') refuse('invalid_bookmark_type')
    if (channel.bookmarks.length >= MOST_BOOKMARKS) refuse('too_many_bookmarks')
    const now = Math.floor(world.clock.now() / 1000)
    const row: BookmarkRow = { id: world.state.ids.next('Bk'), created: now, updated: now, ...fields(args, undefined) }
    write(world, channel, [...channel.bookmarks, row])
    return { bookmark: bookmarkJson(world, channel, row) }
  },

  'bookmarks.edit': (world, args) => {
    const channel = bookmarked(world, args)
    const known = found(channel, args)
    const row: BookmarkRow = { ...known, ...fields(args, known), updated: Math.floor(world.clock.now() / 1000) }
    write(
      world,
      channel,
      channel.bookmarks.map((one) => (one.id === row.id ? row : one)),
    )
    return { bookmark: bookmarkJson(world, channel, row) }
  },

  'bookmarks.remove': (world, args) => {
    const channel = bookmarked(world, args)
    const { id } = found(channel, args)
    write(
      world,
      channel,
      channel.bookmarks.filter((one) => one.id !== id),
    )
    return {}
  },

  'bookmarks.list': (world, args) => {
    const channel = bookmarked(world, args)
    return { bookmarks: channel.bookmarks.map((row) => bookmarkJson(world, channel, row)) }
  },
}

/** Adds the bookmark, or gives the one of that title another link. */
export function setBookmark(world: World, channel: ChannelRow, given: Pick<BookmarkRow, 'title' | 'link' | 'emoji'>) {
  const now = Math.floor(world.clock.now() / 1000)
  const known = channel.bookmarks.find(({ title }) => title === given.title)
  const row: BookmarkRow = {
    id: known?.id ?? world.state.ids.next('Bk'),
    created: now,
    ...known,
    ...given,
    updated: now,
  }
  const others = channel.bookmarks.filter(({ id }) => id !== row.id)
  write(world, channel, [...others, row])
}

const bookmarked = (world: World, args: Args): ChannelRow => channelArg(world, args, 'channel_id')

function found(channel: ChannelRow, args: Args): BookmarkRow {
  return channel.bookmarks.find((row) => row.id === args.text('bookmark_id')) ?? refuse('not_found')
}

function fields(args: Args, known: BookmarkRow | undefined): Pick<BookmarkRow, 'title' | 'link' | 'emoji'> {
  const title = args.has('title') ? args.text('title') : (known?.title ?? '')
  const link = args.has('link') ? args.text('link') : (known?.link ?? '')
  const emoji = args.has('emoji') ? args.text('emoji') : known?.emoji
  if (!title || title.length > LONGEST_TITLE) refuse('invalid_arguments')
  if (!URL.canParse(link) || link.length > LONGEST_LINK) refuse('invalid_link')
  if (emoji && !/^:[^:\s]+:$/.test(emoji)) refuse('invalid_emoji')
  return { title, link, ...(emoji && { emoji }) }
}

function write(world: World, channel: ChannelRow, bookmarks: BookmarkRow[]): void {
  showChannels(world, world.state.channels.put({ ...channel, bookmarks }))
}

function bookmarkJson(world: World, channel: ChannelRow, row: BookmarkRow): Json {
  const { id, title, link, emoji = '', created, updated } = row
  const times = { date_created: created, date_updated: updated }
  const shared = {
    channel_id: channel.id,
    type: 'link',
    icon_url: null,
    entity_id: null,
    rank: '',
    app_id: world.app.id,
  }
  return { id, title, link, emoji, ...times, ...shared, last_updated_by_user_id: world.app.bot_user_id }
}
