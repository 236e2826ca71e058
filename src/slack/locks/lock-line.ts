import type { LockHolder } from '../../runs/ports.js'
import { nameOf } from '../cards/subject.js'
import { leftToken, momentToken } from '../moment.js'
import { quote } from '../text.js'

/** "locked by Marco since 14:02, until 16:00 (in 1 h): exam week". */
export function lockLine({ by, since, expires, reason }: LockHolder, now: Date): string {
  const until = expires ? `, until ${momentToken(expires, now)} (${leftToken(expires, now)})` : ''
  return `locked by ${nameOf(by)} since ${momentToken(since, now)}${until}: ${quote(reason, 160)}`
}

/** "storefront in prod". */
export const placeOf = (resource: string): string => {
  const [service = '', environment] = resource.split('/')
  return environment ? `${quote(service, 40)} in ${quote(environment, 40)}` : quote(service, 80)
}
