import { z } from 'zod'

const state = z.looseObject({ type: z.string() })
const values = z.record(z.string(), z.record(z.string(), state))
const channel = z.string()
const ts = z.string()

/** The bodies of the control API, as `protocol.ts` states them. */
export const bodies = {
  send: z.object({ channel, text: z.string(), thread_ts: ts.optional() }),
  click: z.object({
    action_id: z.string(),
    block_id: z.string(),
    channel: channel.optional(),
    message_ts: ts.optional(),
    view_id: z.string().optional(),
    state: z.record(z.string(), z.unknown()).optional(),
    values: values.optional(),
  }),
  submit: z.object({ view_id: z.string(), values: values.default({}) }),
  close: z.object({ view_id: z.string(), all: z.boolean().default(false) }),
  options: z.object({
    view_id: z.string().optional(),
    channel: channel.optional(),
    message_ts: ts.optional(),
    block_id: z.string(),
    action_id: z.string(),
    value: z.string(),
  }),
  shortcut: z.object({ callback_id: z.string(), channel: channel.optional(), message_ts: ts.optional() }),
  react: z.object({ channel, ts, name: z.string().min(1), remove: z.boolean().optional() }),
  pin: z.object({ channel, ts, remove: z.boolean().optional() }),
  read: z.object({ channel, ts }),
  place: z.object({ channel }),
  im: z.object({ user: z.string() }),
  edit: z.object({ channel, ts, text: z.string().min(1) }),
  message: z.object({ channel, ts }),
  canvas: z.object({ channel, markdown: z.string() }),
  redeliver: z.object({ seq: z.number().int(), times: z.number().int().min(1).max(20).default(1) }),
  clock: z.object({ advance_ms: z.number().int().min(0) }),
  fault: z.object({
    kind: z.enum(['429', '5xx', 'slow', 'drop', 'refuse', 'error', 'duplicate-delivery', 'late-delivery']),
    method: z.string().optional(),
    times: z.number().int().min(1).optional(),
    retry_after_s: z.number().int().min(1).optional(),
    delay_ms: z.number().int().min(0).optional(),
    error: z.string().optional(),
  }),
  socket: z.object({
    order: z.enum([
      'drop',
      'warning',
      'refresh_requested',
      'link_disabled',
      'too_many_websockets',
      'app_rate_limited',
      'status',
    ]),
  }),
  limits: z.object({ enabled: z.boolean() }),
  person: z.object({
    name: z.string().regex(/^[a-z0-9._-]+$/, 'a name in small letters'),
    real_name: z.string().optional(),
    title: z.string().optional(),
    kind: z.enum(['member', 'guest', 'bot']).optional(),
  }),
  group: z.object({ handle: z.string().min(1), users: z.array(z.string()) }),
  notice: z.object({ channel, text: z.string().min(1) }),
  bookmark: z.object({ channel, title: z.string().min(1), link: z.url(), emoji: z.string().optional() }),
  event: z.object({ event: z.looseObject({ type: z.string() }) }),
  nothing: z.unknown(),
  reset: z.object({ keep_people: z.boolean().default(false) }).default({ keep_people: false }),
}
