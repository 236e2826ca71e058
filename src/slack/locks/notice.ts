import type { LockNotice } from '../../runs/telling.js'
import { type Message, message, section } from '../blocks.js'
import { personToken } from '../cards/call.js'
import { nameOf, unstarred } from '../cards/subject.js'
import { leftToken, momentToken } from '../moment.js'
import { list, quote } from '../text.js'
import { placeOf } from './lock-line.js'

/** What is told about a lock held by hand. Only its holder is ever mentioned, and only to act before it ends. */
export function lockNoticeMessage(notice: LockNotice, now: Date): Message {
  const text = words(notice, now)
  return message(unstarred(text), [section(...text.split('\n'))])
}

function words(notice: LockNotice, now: Date): string {
  const { kind, resources, holder, reason, expires } = notice
  const places = `*${list(resources.map(placeOf))}*`
  const why = quote(reason, 160)
  switch (kind) {
    case 'lock ending': {
      const end = expires ? `${momentToken(expires, now)} (${leftToken(expires, now)})` : 'soon'
      return `${personToken(holder.id)}: your lock on ${places} ends at ${end}: ${why}\nTo keep it: \`/ops lock ${said(resources)} for 1h ${why}\``
    }
    case 'lock ended':
      return `The lock of ${nameOf(holder)} on ${places} has ended: ${why}. Who waited goes on.`
    case 'lock cleared':
      return `${nameOf(notice.by)} ended your lock on ${places} (${why}): ${quote(notice.why, 300)}`
    case 'lock handed over':
      return `${nameOf(notice.by)} handed the lock on ${places} over from ${nameOf(notice.from)} to ${nameOf(holder)}: ${why}${
        expires ? `, until ${momentToken(expires, now)}` : ''
      }.`
  }
}

/** The one place, or the environment that they share, as it is said. */
function said(resources: string[]): string {
  const [first = ''] = resources
  const [service, environment = ''] = first.split('/')
  return quote(resources.length === 1 ? `${service} ${environment}` : environment, 80)
}
