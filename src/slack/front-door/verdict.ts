import type { Json } from '../../json.js'

/** What to tell Slack: acknowledged, with what the acknowledgement says (null: nothing), or not accepted. */
export type Verdict = { accepted: true; says: Json | null } | { accepted: false }

/** Slack waits three seconds; some of them go by on the way. */
export const slackWaits = 2_600
