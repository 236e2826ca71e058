import type { Changes } from './changes.js'
import type { Clock } from './clock.js'
import type { Delivery } from './delivery/delivery.js'
import type { Faults } from './faults.js'
import type { InstalledApp } from './installed-app.js'
import type { ResponseUrls } from './interaction/response-urls.js'
import type { Triggers } from './interaction/triggers.js'
import type { Limits } from './limits.js'
import type { Log } from './log.js'
import type { ApiCall } from './protocol.js'
import type { State } from './state/state.js'
import type { UploadedBytes } from './uploaded-bytes.js'

export type Tokens = { bot: string; app: string; signingSecret: string }

/** All parts of one running workspace; acts and methods take it as their first argument. */
export type World = {
  team: { id: string; name: string; domain: string }
  app: InstalledApp
  tokens: Tokens
  clock: Clock
  state: State
  changes: Changes
  limits: Limits
  faults: Faults
  calls: Log<ApiCall>
  delivery: Delivery
  triggers: Triggers
  responseUrls: ResponseUrls
  bytes: UploadedBytes
  /** Where the workspace listens, without a slash at the end. */
  url(): string
}
