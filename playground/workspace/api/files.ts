import { tellApp } from '../acts/app-events.js'
import { asApp, contentOf } from '../acts/content.js'
import { post } from '../acts/messages.js'
import { refuse } from '../refusal.js'
import { fileJson } from '../shapes/file.js'
import type { ChannelRow, FileRow } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { channelById, needMember, needOpen } from './found.js'
import type { Family } from './method.js'
import { mimetypeOf } from './mimetypes.js'
import { pageOf } from './pages.js'

export const UPLOAD_PATH = '/upload/v1/'

const LONGEST_ALT_TEXT = 1000
const MOST_CHANNELS = 100

export const fileMethods: Family = {
  'files.getUploadURLExternal': (world, args) => {
    const name = args.text('filename')
    const size = args.number('length', 0)
    if (!(size > 0))
      refuse('invalid_arguments', { response_metadata: { messages: ['[ERROR] length must be above 0'] } })
    if (args.text('alt_txt').length > LONGEST_ALT_TEXT) refuse('alt_txt_too_large')
    const row = world.state.files.put({
      id: world.state.ids.next('F'),
      name,
      title: name,
      mimetype: mimetypeOf(name),
      size,
      user: world.app.bot_user_id,
      created: Math.floor(world.clock.now() / 1000),
      ...(args.has('alt_txt') && { alt_txt: args.text('alt_txt') }),
      state: 'waiting',
      shares: [],
    })
    return { upload_url: `${world.url()}${UPLOAD_PATH}${row.id}`, file_id: row.id }
  },

  'files.completeUploadExternal': (world, args) => {
    const uploads = uploadsIn(world, args.json('files'))
    const channels = args.has('channel_id') ? [args.text('channel_id')] : args.list('channels')
    if (channels.length > MOST_CHANNELS) refuse('channels_limit_exceeded')
    const shares = channels.map((channel) => shareable(world, channel))
    const files = uploads.map(({ row, title }) => world.state.files.put({ ...row, title: title ?? row.title }))
    for (const channel of shares) share(world, channel, files, args)
    return { files: files.map(({ id }) => fileJson(world, id)) }
  },

  'files.info': (world, args) => {
    const row = fileArg(world, args)
    return { file: fileJson(world, row.id), comments: [], response_metadata: { next_cursor: '' } }
  },

  'files.list': (world, args) => {
    const inChannel = (row: FileRow) =>
      !args.has('channel') || row.shares.some((one) => one.channel === args.text('channel'))
    const rows = world.state.files.all().filter((row) => row.state !== 'waiting' && inChannel(row))
    const page = pageOf(rows.reverse(), args, { usual: 100, most: 999 })
    const paging = { count: page.items.length, total: rows.length, page: 1, pages: 1 }
    return { files: page.items.map(({ id }) => fileJson(world, id)), paging }
  },

  'files.delete': (world, args) => {
    const row = fileArg(world, args)
    if (row.user !== world.app.bot_user_id) refuse('cant_delete_file')
    world.state.files.delete(row.id)
    world.bytes.delete(row.id)
    return {}
  },
}

function fileArg(world: World, args: Args): FileRow {
  const row = world.state.files.get(args.text('file'))
  return row && row.state !== 'waiting' ? row : refuse('file_not_found')
}

function uploadsIn(world: World, given: unknown): { row: FileRow; title?: string }[] {
  if (!Array.isArray(given) || given.length === 0) refuse('invalid_arguments')
  return given.map(({ id, title }: { id?: string; title?: string }) => {
    const row = world.state.files.get(id ?? '')
    return row && row.state !== 'waiting' ? { row, title } : refuse('file_not_found')
  })
}

function shareable(world: World, id: string): ChannelRow {
  const channel = channelById(world, id)
  needMember(world, channel)
  needOpen(channel)
  return channel
}

function share(world: World, channel: ChannelRow, files: FileRow[], args: Args): void {
  const comment = args.text('initial_comment')
  const thread_ts = args.text('thread_ts')
  const said =
    comment || args.has('blocks') ? contentOf(world, { text: comment, blocks: args.json('blocks') }) : { text: '' }
  const ids = files.map(({ id }) => id)
  const message = post(world, channel, {
    ...asApp(world),
    ...said,
    files: ids,
    subtype: 'file_share',
    ...(thread_ts && { thread_ts }),
  })
  for (const id of ids) {
    const row = world.state.files.get(id)
    if (!row) continue
    const shares = [...row.shares, { channel: channel.id, ts: message.ts }]
    world.state.files.put({ ...row, state: 'shared', shares })
    tellApp(
      world,
      { type: 'file_shared', file_id: id, file: { id }, user_id: row.user, channel_id: channel.id },
      channel,
    )
  }
}
