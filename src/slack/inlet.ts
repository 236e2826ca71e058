import type { RequestListener } from 'node:http'
import type { Receiver } from '@slack/bolt'

/** The way by which Slack's payloads come in; Bolt gets them from its `receiver`. */
export type Inlet = {
  receiver: Receiver
  /** Resolves after the first try, whatever came of it. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Null when all is well. */
  problem(): string | null
  /** For mounting on a server that also serves other paths; null where nothing is served. */
  listener: RequestListener | null
}
