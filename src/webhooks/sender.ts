import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { refused } from '../errors.js'
import type { AlertNotice, OutsideChange } from '../incidents/alert.js'
import type { OutsideAct } from '../incidents/alerts/ports.js'

/** A request as it came: what is signed are its bytes. */
export type Incoming = { headers: IncomingHttpHeaders; body: Buffer; at: Date }

/** A change with what routes are matched against. */
export type LabelledChange = OutsideChange & { labels: { [name: string]: string } }

/** What a request says, in our words. */
export type Reading = {
  /** Names the delivery, where the sender names it: the same again is not taken. */
  key: string | null
  notices: AlertNotice[]
  changes: LabelledChange[]
  acts: OutsideAct[]
}

/** One sender of webhooks. */
export type Sender = {
  source: string
  /** Under /v1. */
  path: string
  /** Whether the headers claim a proof at all; without one the body is not even read. */
  claims(headers: IncomingHttpHeaders): boolean
  /** Whether one of the secrets proves these bytes, at this moment. */
  proves(incoming: Incoming, secrets: readonly string[]): boolean
  /** Throws a ShipmateError `webhook-malformed` when it is not in the sender's form. */
  read(body: unknown, incoming: Incoming): Reading
}

export const nothingRead: Reading = { key: null, notices: [], changes: [], acts: [] }

/** The body by a schema; the first thing wrong with it in one line. */
export function shaped<T>(body: unknown, schema: z.ZodType<T>, source: string): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw malformed(source, `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'not as documented'}`)
}

export const malformed = (source: string, came: string) =>
  refused('webhook-malformed', `What ${source} sent was not understood.`, {
    wanted: 'JSON as docs/operations/alerts.md describes it',
    came: came.slice(0, 300),
    next: 'Compare the settings of the sender with docs/operations/alerts.md.',
  })

/** Text from outside, without what a row cannot hold, and not longer than anybody reads. */
export const clean = (text: string, longest = 300): string => {
  const kept = text.replaceAll('\0', '').trim()
  return kept.length > longest ? `${kept.slice(0, longest - 1)}…` : kept
}

/** Labels are words; what is none is left out. */
export const labelSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .default({})
  .transform((labels) =>
    Object.fromEntries(
      Object.entries(labels)
        .filter(([, value]) => value !== null)
        .slice(0, 60)
        .map(([name, value]) => [clean(name, 100), clean(String(value), 500)]),
    ),
  )

/** A moment; what no clock shows (a zero date, nonsense) is none. */
export const momentSchema = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => {
    if (value === null || value === undefined) return null
    // Seconds where it is too small for milliseconds.
    const at = new Date(typeof value === 'number' && value < 100_000_000_000 ? value * 1000 : value)
    return Number.isNaN(at.getTime()) || at.getTime() <= 0 ? null : at
  })

export const webAddress = (text: string | null | undefined): string | null =>
  text && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text.slice(0, 2_000) : null

export const header = (headers: IncomingHttpHeaders, name: string): string | null => {
  const value = headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}
