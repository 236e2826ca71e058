import { refuse } from '../refusal.js'
import type { Json } from '../state/rows.js'
import type { Args } from './args.js'

/** One page of a list by `cursor` and `limit`, with the cursor of the next (empty at the end). */
export function pageOf<Item>(items: Item[], args: Args, limits: { usual: number; most: number }) {
  const start = startOf(args.text('cursor'))
  const limit = args.number('limit', limits.usual)
  if (limit < 1 || limit > limits.most) refuse('invalid_limit')
  const end = start + limit
  const next_cursor = end < items.length ? Buffer.from(`next:${end}`).toString('base64') : ''
  const response_metadata: Json = { next_cursor }
  return { items: items.slice(start, end), has_more: next_cursor !== '', response_metadata }
}

function startOf(cursor: string): number {
  if (!cursor) return 0
  const [, start] = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString()) ?? refuse('invalid_cursor')
  return Number(start)
}
