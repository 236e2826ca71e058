import { contentOf } from '../acts/content.js'
import { post } from '../acts/messages.js'
import { refuse } from '../refusal.js'
import type { ScheduledRow } from '../state/rows.js'
import type { World } from '../world.js'
import { draftOf, mayPost, saidIn } from './chat.js'
import { postingChannel } from './found.js'
import type { Family } from './method.js'
import { pageOf } from './pages.js'

const FARTHEST_S = 120 * 24 * 3600
const WINDOW_S = 300
const MOST_IN_WINDOW = 30
const LOCKED_FOR_S = 60

export const scheduledMethods: Family = {
  'chat.scheduleMessage': (world, args) => {
    const channel = postingChannel(world, args)
    mayPost(world, channel)
    const post_at = args.number('post_at', 0)
    checkTime(world, channel.id, post_at)
    contentOf(world, saidIn(args))
    const draft = draftOf(world, channel, args)
    const id = world.state.ids.next('Q')
    const created = seconds(world)
    const row = world.state.scheduled.put({ id, channel: channel.id, post_at, created, draft, text: draft.text })
    armScheduled(world, row)
    return { channel: channel.id, scheduled_message_id: id, post_at, message: { type: 'delayed_message', ...draft } }
  },

  'chat.deleteScheduledMessage': (world, args) => {
    const row = world.state.scheduled.get(args.text('scheduled_message_id'))
    const tooLate = row && row.post_at - seconds(world) < LOCKED_FOR_S
    if (!row || row.channel !== args.text('channel') || tooLate) refuse('invalid_scheduled_message_id')
    world.state.scheduled.delete(row.id)
    return {}
  },

  'chat.scheduledMessages.list': (world, args) => {
    const channel = args.text('channel')
    const rows = world.state.scheduled.all().filter((row) => !channel || row.channel === channel)
    const page = pageOf(rows, args, { usual: 100, most: 999 })
    const scheduled_messages = page.items.map(({ id, channel: channel_id, post_at, created, text }) => ({
      id,
      channel_id,
      post_at,
      date_created: created,
      text,
    }))
    return { scheduled_messages, response_metadata: page.response_metadata }
  },
}

/** Posts a scheduled message when its time has come; also for those that waited over a restart. */
export function armScheduled(world: World, { id, post_at }: ScheduledRow): void {
  world.clock.after(Math.max(0, post_at * 1000 - world.clock.now()), () => {
    const row = world.state.scheduled.get(id)
    const channel = row && world.state.channels.get(row.channel)
    if (!row || !channel) return
    world.state.scheduled.delete(id)
    // Slack does not post a scheduled message that carries metadata.
    const draft = row.draft as ReturnType<typeof draftOf>
    if (!channel.archived && !draft.metadata) post(world, channel, draft)
  })
}

function checkTime(world: World, channel: string, post_at: number): void {
  const now = seconds(world)
  if (!Number.isInteger(post_at) || post_at <= 0) refuse('invalid_time')
  if (post_at <= now) refuse('time_in_past')
  if (post_at > now + FARTHEST_S) refuse('time_too_far')
  const near = world.state.scheduled
    .all()
    .filter((row) => row.channel === channel && Math.abs(row.post_at - post_at) < WINDOW_S)
  if (near.length >= MOST_IN_WINDOW) refuse('restricted_too_many')
}

const seconds = (world: World) => Math.floor(world.clock.now() / 1000)
