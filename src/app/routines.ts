import { onCallAt } from '../incidents/paging/rota.js'
import { createRoutineClock } from '../jobs/routines/keeping.js'
import type { OnCallNow } from '../jobs/routines/parts.js'
import { type MemberOf, onCallAtPagerDuty, pagerDutyOf } from './incidents/pagerduty.js'
import type { AppParts, Ground, Grounds } from './parts.js'

/** Who is on call for a service: at PagerDuty where it calls for it, else by the operator's rota. */
export function onCallNow(app: Grounds, memberOf: MemberOf = async () => null): OnCallNow {
  const { onCall, zone } = app.catalogue
  const elsewhere = onCallAtPagerDuty(pagerDutyOf(app, memberOf), app.log)
  return async (service, now) => (await elsewhere(service)) ?? (onCall && onCallAt(onCall, zone, service, now))
}

/** The clock of recurring work, for whoever keeps the clocks. Where there is none any more, what was asked for is closed. */
export function routineRounds(app: AppParts, { store }: Pick<Ground, 'store'>, memberOf: MemberOf) {
  const { catalogue, clock, log } = app
  return [createRoutineClock({ catalogue, rows: store.routines, onCall: onCallNow(app, memberOf), clock, log })]
}
