import type { JsonObject } from './json.js'

/**
 * How something ended badly, in the only words used for it:
 * refused (you may not), failed (the world said no), faulted (Shipmate broke), timed out, stopped (a person), lost.
 */
export type ErrorKind = 'refused' | 'failed' | 'faulted' | 'timed out' | 'stopped' | 'lost'

/**
 * An error a person can act on. `message` is the one line for a card; `wanted`, `came` and `next` are the details for
 * the thread; `cause` is for the log alone. Each code has a paragraph in docs/errors.md and a test keeps both complete.
 */
export class ShipmateError extends Error {
  readonly kind: ErrorKind
  readonly code: string
  readonly wanted: string | undefined
  readonly came: string | undefined
  readonly next: string | undefined
  /** True when the same call may succeed a moment later (a connection reset, a 503). */
  readonly transient: boolean
  readonly details: JsonObject | undefined

  constructor(kind: ErrorKind, code: string, message: string, more: ErrorDetails = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'ShipmateError'
    this.kind = kind
    this.code = code
    this.wanted = more.wanted
    this.came = more.came
    this.next = more.next
    this.transient = more.transient ?? false
    this.details = more.details
  }
}

export type ErrorDetails = {
  wanted?: string
  came?: string
  next?: string
  transient?: boolean
  details?: JsonObject
  cause?: unknown
}

/** You may not: the rule, where it stands, and the way forward. */
export const refused = (code: string, message: string, more?: ErrorDetails) =>
  new ShipmateError('refused', code, message, more)
/** The world said no. */
export const failed = (code: string, message: string, more?: ErrorDetails) =>
  new ShipmateError('failed', code, message, more)
/** Shipmate itself broke. */
export const faulted = (code: string, message: string, more?: ErrorDetails) =>
  new ShipmateError('faulted', code, message, more)
export const timedOut = (code: string, message: string, more?: ErrorDetails) =>
  new ShipmateError('timed out', code, message, more)

/** Any thrown thing as a ShipmateError; what is not ours already is a fault of ours. */
export function asShipmateError(thrown: unknown): ShipmateError {
  if (thrown instanceof ShipmateError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return faulted('unexpected', message || 'something broke without a message', { cause: thrown })
}
