import type { ReceiverEvent } from '@slack/bolt'
import type { Clock } from '../../clock.js'
import { asShipmateError } from '../../errors.js'
import type { Log } from '../../log.js'
import type { Inbox, ParcelName } from '../../runs/inbox.js'
import type { Arrival, Payload } from './arrival.js'
import { createEnds } from './ends.js'
import { allowedResponseUrl, postToResponseUrl } from './response-url.js'

/** Bolt's side of a receiver. */
export type Listening = { processEvent(event: ReceiverEvent): Promise<void> }

/** What listeners find in `context` beside Bolt's own. */
export type DeliveryContext = {
  /** The name under which this was accepted; the same when it is handed on a second time. */
  deliveryKey: string
  /** Its trigger_id has expired: a button instead of a modal. */
  late: boolean
}

/** What a listener gives to `ack`. */
export type Acknowledgement = string | object | undefined

/** Rejects when what it says did not reach the person. */
export type Acknowledge = (says: Acknowledgement) => Promise<void>

export type HandingOn = {
  /** Hands it to the listeners after what is under way in this turn of the loop; never rejects. */
  hand(arrival: Arrival, acknowledge?: Acknowledge): void
  /** It will not be handled: the answer said it all, or the person was told that it failed. */
  close(name: ParcelName, outcome: string): void
  inHand(name: ParcelName): boolean
  /** How many are handed on and not written as handled yet. */
  underWay(): number
  /** When it is handled and written so, or given back. */
  released(name: ParcelName): Promise<void>
  /** When all that was handed on is handled and written so. */
  settled(): Promise<void>
}

export type HandingParts = {
  inbox: Inbox
  /** Resolves when somebody listens. */
  listening: Promise<Listening>
  responseOrigins: string[]
  clock: Clock
  log: Log
}

/** A trigger_id opens a window for three seconds from the click, and the call takes its time too. */
const triggerLives = 2_800

/**
 * Acknowledgements go first: in each turn of the loop one of so many that wait is handed on. What waits grows in a burst
 * until as many are handed on as come in, and ends in a fraction of a second after it.
 */
const oneOf = 16

export function createHandingOn(parts: HandingParts): HandingOn {
  const { inbox, log } = parts
  /** By name, with who waits for its end. */
  const inHand = new Map<string, Waiting>()
  const queue: Handing[] = []
  let waiting: (() => void)[] = []
  let pumping = false
  const end = createEnds(parts, (ends) => {
    for (const name of ends) letGo(name)
  })

  function pump(): void {
    for (const { arrival, acknowledge } of queue.splice(0, Math.ceil(queue.length / oneOf)))
      void handled(arrival, acknowledge)
    pumping = queue.length > 0
    if (pumping) setImmediate(pump)
  }

  async function handled(arrival: Arrival, acknowledge: Acknowledge): Promise<void> {
    const { team, key } = arrival.parcel
    try {
      await (await parts.listening).processEvent(eventOf(arrival, acknowledge, parts))
    } catch (thrown) {
      return broken(arrival, thrown)
    }
    end({ team, key, outcome: 'handled' })
  }

  async function broken({ parcel }: Arrival, thrown: unknown): Promise<void> {
    const error = asShipmateError(thrown)
    const { team, key, kind } = parcel
    log.error({ err: thrown, key, kind }, 'what Slack sent could not be handled')
    // What may go better in a moment is taken up again; anything else would break in the same way for ever.
    if (!error.transient) return end({ team, key, outcome: `broke: ${error.code}` })
    await inbox.letGo([{ team, key }]).catch((again) => log.warn({ err: again, key }, 'it is taken up again later'))
    letGo(parcel)
  }

  function letGo(name: ParcelName): void {
    const at = nameOf(name)
    inHand.get(at)?.()
    inHand.delete(at)
    if (inHand.size > 0) return
    for (const settled of waiting) settled()
    waiting = []
  }

  return {
    hand: (arrival, acknowledge = lateAck(arrival, parts)) => {
      inHand.set(nameOf(arrival.parcel), null)
      queue.push({ arrival, acknowledge })
      if (pumping) return
      pumping = true
      setImmediate(pump)
    },
    close: ({ team, key }, outcome) => {
      inHand.set(nameOf({ team, key }), null)
      end({ team, key, outcome })
    },
    inHand: (name) => inHand.has(nameOf(name)),
    released: (name) =>
      new Promise((resolve) => {
        if (inHand.has(nameOf(name))) inHand.set(nameOf(name), resolve)
        else resolve()
      }),
    underWay: () => inHand.size,
    settled: () => (inHand.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}

type Waiting = (() => void) | null

type Handing = { arrival: Arrival; acknowledge: Acknowledge }

function eventOf({ parcel, payload, retry }: Arrival, acknowledge: Acknowledge, parts: HandingParts): ReceiverEvent {
  const late = parts.clock.now().getTime() - parcel.receivedAt.getTime() > triggerLives
  const context: DeliveryContext = { deliveryKey: parcel.key, late }
  return {
    body: withoutStrangers(payload, parts),
    ack: async (says) => acknowledge(typeof says === 'string' || typeof says === 'object' ? says : undefined),
    ...(retry.num === undefined ? {} : { retryNum: retry.num }),
    ...(retry.reason === undefined ? {} : { retryReason: retry.reason }),
    customProperties: context,
  }
}

/** Bolt's `respond` posts wherever the payload says, so an address that is not Slack's does not get that far. */
function withoutStrangers(payload: Payload, { responseOrigins, log }: HandingParts): Payload {
  const { response_url: one, response_urls: several } = payload
  const strange = (url: unknown) => url !== undefined && !allowedResponseUrl(url, responseOrigins)
  if (several === undefined && !strange(one)) return payload
  const offered = Array.isArray(several) ? several : []
  const kept = offered.filter((place: { response_url?: unknown }) => !strange(place?.response_url ?? ''))
  if (!strange(one) && kept.length === offered.length) return payload
  log.warn({ type: payload.type }, 'a response_url does not lead to Slack; nothing is sent there')
  return { ...payload, response_url: strange(one) ? undefined : one, response_urls: kept }
}

/** Slack has its acknowledgement already, so what a listener says in its own goes to the response_url. */
function lateAck({ payload }: Arrival, { responseOrigins }: HandingParts): Acknowledge {
  return async (says) => {
    if (isEmpty(says)) return
    const url = payload.response_url
    if (!allowedResponseUrl(url, responseOrigins)) throw new Error('there is no response_url to answer at')
    await postToResponseUrl(url, typeof says === 'string' ? { text: says } : (says ?? {}))
  }
}

function isEmpty(says: Acknowledgement): boolean {
  if (says === undefined || says === '') return true
  return typeof says === 'object' && !('text' in says) && !('blocks' in says)
}

const nameOf = ({ team, key }: ParcelName) => `${team} ${key}`
