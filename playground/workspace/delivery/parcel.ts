import type { Delivery } from '../protocol.js'
import type { Json } from '../state/rows.js'

/** One payload on its way to the app. */
export type Parcel = {
  kind: Delivery['kind']
  payload: Json
  /** Socket Mode's `accepts_response_payload`: whether the acknowledgement may carry an answer. */
  answerable: boolean
  /** What faults may call it: its kind, its event or interaction type, its command or callback. */
  names: string[]
}

/** Why Slack says it sends again. */
export type RetryReason = 'timeout' | 'http_timeout' | 'http_error' | 'connection_failed' | 'too_many_redirects'

export type Retry = { num: number; reason: RetryReason }

/** How one attempt ended; `body` is the answer inside the acknowledgement, if there was one. */
export type Receipt =
  | { outcome: 'acked'; body?: unknown; warning?: string }
  | { outcome: 'timeout' | 'error' | 'no connection'; reason: RetryReason; final?: boolean }

/** A way to the app: Socket Mode or signed HTTP. */
export type Carrier = {
  via: Delivery['via']
  carry(parcel: Parcel, retry?: Retry): Promise<Receipt>
  connected(): boolean
  stop(): void
}

/** The app has this long to acknowledge. */
export const ACK_WITHIN_MS = 3000
