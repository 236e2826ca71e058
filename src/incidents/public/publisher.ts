import type { Clock } from '../../clock.js'
import { asShipmateError, type ShipmateError } from '../../errors.js'
import type { Log } from '../../log.js'
import { nameOf } from '../incident.js'
import {
  type Channel,
  type Deliveries,
  type Delivery,
  type DeliveryEnd,
  type OutsideAudience,
  pauseAfter,
} from './deliveries.js'

export type PublisherParts = {
  deliveries: Deliveries
  /** Null: not set up, which is an outcome of its own and never "told". */
  channels: { [audience in OutsideAudience]: Channel | null }
  clock: Clock
  log: Log
}

/** Tells what was published to those outside, each update once and in order; all state is in rows. */
export type Publisher = {
  /** Sends what is due; answers how many tries were made. One process at a time: whoever leads. Never rejects for one. */
  look(now: Date): Promise<number>
}

const atOnce = 20

export function createPublisher({ deliveries, channels, clock, log }: PublisherParts): Publisher {
  async function settle(delivery: Delivery): Promise<void> {
    const channel = channels[delivery.audience]
    if (!channel) return deliveries.end(delivery.id, { outcome: { skipped: 'not set up' } }, clock.now())
    if (delivery.interrupted && !channel.repeatable)
      return deliveries.end(delivery.id, unclear(delivery, channel, 'Shipmate ended in the middle of it'), clock.now())
    await deliveries.begin(delivery.id, clock.now())
    const end = await channel.send(delivery).then(
      (outcome): DeliveryEnd => ({ outcome }),
      (thrown) => endOfFailure(delivery, channel, asShipmateError(thrown), clock.now()),
    )
    if ('error' in end) log.warn({ delivery: delivery.key, error: end.error }, 'an update was not delivered')
    await deliveries.end(delivery.id, end, clock.now())
  }
  return {
    async look(now) {
      const due = await deliveries.due(now, atOnce)
      for (const delivery of due) await settle(delivery)
      return due.length
    },
  }
}

/** Tried again, given up, or left to people when it may have arrived and must not arrive twice. */
export function endOfFailure(delivery: Delivery, channel: Channel, error: ShipmateError, now: Date): DeliveryEnd {
  if (!channel.repeatable && mayHaveArrived(error)) return unclear(delivery, channel, error.message)
  const pause = error.transient ? pauseAfter(delivery.tries + 1) : null
  if (pause !== null) return { error: error.message, retryAt: new Date(now.getTime() + pause) }
  const next = error.next ? ` ${error.next}` : ''
  return {
    error: error.message,
    retryAt: null,
    said: `Update ${delivery.update.id} did not reach ${channel.name}: ${error.message}.${next} Tell them another way, or publish it anew.`,
  }
}

/** No answer, or a gateway's: the message itself may have gone through. A refused connection carried nothing. */
function mayHaveArrived({ code, message, details }: ShipmateError): boolean {
  if (code === 'http-timeout' || code === 'http-unexpected-answer') return code === 'http-timeout'
  if (code === 'http-unreachable') return !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH/.test(message)
  return details?.status === 502 || details?.status === 504
}

function unclear(delivery: Delivery, channel: Channel, why: string): DeliveryEnd {
  return {
    error: `it cannot be told whether it arrived: ${why}`,
    retryAt: null,
    said: `It cannot be told whether update ${delivery.update.id} of ${nameOf(delivery.incident.id)} reached ${channel.name}: ${why}. It is not sent twice by itself. Look there, and publish it anew if it is missing.`,
  }
}
