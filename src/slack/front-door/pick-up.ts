import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import type { Inbox, LeftParcel } from '../../runs/inbox.js'
import { type Arrival, payloadOf } from './arrival.js'
import type { HandingOn } from './handing-on.js'

export type PickUp = { start(): void; stop(): Promise<void> }

export type PickUpParts = {
  inbox: Inbox
  handing: HandingOn
  /** Still on its way in; it will be handed on by whoever lets it in. */
  isAdmitting(parcel: LeftParcel): boolean
  clock: Clock
  log: Log
}

const lookEvery = 2_000
/** A process that lost its connection for a moment finds its own again first. */
const grace = 2_000
const atOnce = 100
/** What ended five processes is not given to a sixth. */
const mostTries = 5
const keepFor = 30 * 24 * 3_600_000
const forgetEvery = 3_600_000

/** Hands on what was accepted by a process that died before it was handled. */
export function createPickUp({ inbox, handing, isAdmitting, clock, log }: PickUpParts): PickUp {
  const stopping = new AbortController()
  let running = Promise.resolve()

  async function look(before: Date): Promise<void> {
    const found = await inbox.left(before, atOnce)
    const left = found.filter((parcel) => !handing.inHand(parcel) && !isAdmitting(parcel))
    if (left.length > 0) log.info({ parcels: left.length }, 'picking up what was accepted and not handled')
    for (const parcel of left) handOn(parcel)
    if (found.length === atOnce && left.length > 0) await look(before)
  }

  function handOn(parcel: LeftParcel): void {
    const { key, kind, tries } = parcel
    const arrival = tries > mostTries ? null : arrivalFrom(parcel)
    if (arrival) handing.hand(arrival)
    else {
      log.error({ key, kind, tries }, 'something that was accepted cannot be handled; it is given up')
      handing.close(parcel, 'given up')
    }
  }

  async function keepLooking(): Promise<void> {
    let forgotten = 0
    for (let first = true; !stopping.signal.aborted; first = false) {
      const now = clock.now().getTime()
      try {
        await look(new Date(first ? now : now - grace))
        if (now - forgotten >= forgetEvery) await inbox.forget(new Date(now - keepFor))
        if (now - forgotten >= forgetEvery) forgotten = now
      } catch (thrown) {
        log.warn({ err: thrown }, 'could not look for what was left lying; looking again')
      }
      await clock.sleep(lookEvery, stopping.signal)
    }
  }

  return {
    start: () => {
      running = keepLooking()
    },
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

/** Null when what was kept cannot be read. */
function arrivalFrom({ tries: _, ...parcel }: LeftParcel): Arrival | null {
  try {
    return { parcel, payload: payloadOf(parcel.format, parcel.body), retry: {} }
  } catch {
    return null
  }
}
