import type { ReceiverEvent } from '@slack/bolt'
import type { Clock } from '../../clock.js'
import { asShipmateError } from '../../errors.js'
import type { Log } from '../../log.js'
import type { End, Inbox, ParcelName } from '../../runs/inbox.js'
import type { Arrival, Payload } from './arrival.js'
import { createBag, type Placed } from './bag.js'
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
 * Acknowledgements go first: each turn of the loop takes in what has come and hands on one of those that wait, so that
 * handling gets the time in which nothing comes. A burst may put it off so long; from then on as many are handed on as
 * come in.
 */
const mayWait = 500
const oneOf = 16

export function createHandingOn(parts: HandingParts): HandingOn {
  const { inbox, clock, log } = parts
  const inHand = createBag<InHand>()
  const queue: Handing[] = []
  let settling: (() => void)[] = []
  let pumping = false
  const end = createEnds<InHand>(parts, (ended) => {
    for (const one of ended) release(one)
  })

  function pump(): void {
    const oldest = queue[0]?.arrival.parcel.receivedAt.getTime() ?? 0
    const hasWaited = clock.now().getTime() - oldest > mayWait
    for (const handing of queue.splice(0, hasWaited ? Math.ceil(queue.length / oneOf) : 1)) void handled(handing)
    pumping = queue.length > 0
    if (pumping) setImmediate(pump)
  }

  async function handled({ arrival, acknowledge, one }: Handing): Promise<void> {
    try {
      await (await parts.listening).processEvent(eventOf(arrival, acknowledge, parts))
    } catch (thrown) {
      return broken(one, thrown)
    }
    end(one)
  }

  async function broken(one: InHand, thrown: unknown): Promise<void> {
    const error = asShipmateError(thrown)
    const { key } = one
    log.error({ err: thrown, key }, 'what Slack sent could not be handled')
    // What may go better in a moment is taken up again; anything else would break in the same way for ever.
    if (!error.transient) return end(Object.assign(one, { outcome: `broke: ${error.code}` }))
    await inbox.letGo([one]).catch((again) => log.warn({ err: again, key }, 'it is taken up again later'))
    release(one)
  }

  function take({ team, key }: ParcelName, outcome: string): InHand {
    const one = { place: 0, team, key, outcome, released: null }
    inHand.put(one)
    return one
  }

  function release(one: InHand): void {
    inHand.take(one)
    one.released?.()
    if (inHand.items().length > 0) return
    for (const settled of settling) settled()
    settling = []
  }

  const find = (name: ParcelName) => inHand.items().find(({ team, key }) => key === name.key && team === name.team)

  return {
    hand: (arrival, acknowledge = lateAck(arrival, parts)) => {
      // Its row holds the text; here thousands may wait, and what lives that long is copied by the collector.
      arrival.parcel.body = ''
      queue.push({ arrival, acknowledge, one: take(arrival.parcel, 'handled') })
      if (pumping) return
      pumping = true
      setImmediate(pump)
    },
    close: (name, outcome) => end(take(name, outcome)),
    inHand: (name) => find(name) !== undefined,
    released: (name) =>
      new Promise((resolve) => {
        const one = find(name)
        if (one) one.released = resolve
        else resolve()
      }),
    underWay: () => inHand.items().length,
    settled: () => (inHand.items().length === 0 ? Promise.resolve() : new Promise((resolve) => settling.push(resolve))),
  }
}

type InHand = Placed & End & { released: (() => void) | null }

type Handing = { arrival: Arrival; acknowledge: Acknowledge; one: InHand }

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
