import { resolveSecret } from '../../config.js'
import { asShipmateError } from '../../errors.js'
import type { OnCall } from '../../incidents/paging/rota.js'
import { createPagerDuty, type PagerDuty } from '../../integrations/pagerduty.js'
import type { Log } from '../../log.js'
import { onCall } from '../../releases/sections/on-call.js'
import { createDirectory } from '../../slack/directory.js'
import { createIdentity } from '../../slack/identity.js'
import { createSlackWeb } from '../../slack/web.js'
import type { AppParts, Grounds } from '../parts.js'

/** A member's id by e-mail; null for nobody. */
export type MemberOf = (email: string) => Promise<string | null>

/** PagerDuty, where the operator's file names it. */
export function pagerDutyOf({ catalogue, env, log }: Grounds, memberOf: MemberOf): PagerDuty | null {
  if (!catalogue.pagerduty) return null
  const secret = (reference: string) => resolveSecret(reference, env)
  return createPagerDuty({ settings: catalogue.pagerduty, secret, memberOf, log })
}

/** A worker asks Slack itself who has an address, with the token of the app; without one it knows nobody. */
export function membersByToken({ config, clock, log }: AppParts): MemberOf {
  const { botToken, apiUrl } = config.slack
  if (!botToken) return async () => null
  const web = createSlackWeb({ token: botToken, apiUrl: apiUrl ?? undefined, log })
  return createDirectory({ web, identity: createIdentity(web), clock }).memberByEmail
}

/** Who is on call at PagerDuty; null where it does not call for a service, or cannot be asked now. */
export function onCallAtPagerDuty(pagerduty: PagerDuty | null, log: Log) {
  return async (service: string | null): Promise<OnCall | null> => {
    if (!pagerduty?.covers(service)) return null
    return pagerduty.onCall(service).catch((thrown) => {
      log.warn({ code: asShipmateError(thrown).code, err: thrown }, 'PagerDuty does not say who is on call')
      return null
    })
  }
}

/** Where people are on call at PagerDuty alone. */
export const noRotas = onCall.parse({ rotas: {} })
