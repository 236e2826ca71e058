import { z } from 'zod'
import type { FaceParts } from './parts.js'

/** A message that somebody pointed at, as its envelope or Slack tells it. */
export const saidShape = z.object({
  ts: z.string(),
  text: z.string().default(''),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  files: z
    .array(z.object({ name: z.string().nullish(), mimetype: z.string().default(''), permalink: z.string().nullish() }))
    .default([])
    .catch([]),
})
export type Said = z.infer<typeof saidShape>

/** Its address; null when Slack does not say. */
export async function permalinkOf(parts: FaceParts, channel: string, ts: string): Promise<string | null> {
  const answer = await parts.web.call('chat.getPermalink', { channel, message_ts: ts })
  return answer.ok && typeof answer.data.permalink === 'string' ? answer.data.permalink : null
}

const repliesShape = z.object({ messages: z.array(saidShape).default([]) })

/** What was said there, in a thread or not; null where the app may not read. */
export async function saidAt(parts: FaceParts, channel: string, ts: string): Promise<Said | null> {
  const where = { channel, ts, oldest: ts, latest: ts, inclusive: true, limit: 10 }
  const answer = await parts.web.call('conversations.replies', where)
  if (!answer.ok) return null
  const read = repliesShape.safeParse(answer.data)
  return (read.success && read.data.messages.find((one) => one.ts === ts)) || null
}

/** Slack's tokens as plain words: mentions, links and entities. */
export function plainWords(text: string): string {
  return text
    .replace(/<([@#!])([^>|]*)(?:\|([^>]*))?>/g, (_all, sign: string, id: string, label?: string) => {
      return `${sign === '!' ? '@' : sign}${label || id}`
    })
    .replace(/<([^>|]+)\|([^>]*)>/g, '$2 ($1)')
    .replace(/<([^>]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
}

/** The first line of what was written, short enough for a title. */
export function titleFrom(text: string): string {
  const line = plainWords(text).split('\n')[0]?.trim() ?? ''
  const points = [...line]
  return points.length > 120 ? `${points.slice(0, 119).join('').trimEnd()}…` : line
}
