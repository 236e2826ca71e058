import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import type { Inbox, LeftParcel } from '../../runs/inbox.js'
import { type Arrival, payloadOf } from './arrival.js'
import type { HandingOn } from './handing-on.js'
import { within } from './within.js'

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
const atOnce = 20
/**
 * What was in hand with others when five processes ended may be what ended them: from then on it is handled alone. What
 * ends five more, alone, is not given to another.
 */
const company = 5
const mostTries = company + 5
const keepFor = 30 * 24 * 3_600_000
const forgetEvery = 3_600_000

/** Hands on what was accepted by a process that died before it was handled. */
export function createPickUp({ inbox, handing, isAdmitting, clock, log }: PickUpParts): PickUp {
  const stopping = new AbortController()
  let running = Promise.resolve()

  /** No more at a time than is handled soon: all that is in hand counts as a try when this process ends. */
  async function look(before: Date): Promise<void> {
    // What was let go meanwhile, to go better in a moment, waits for the next look.
    const seen = new Set<string>()
    for (;;) {
      const found = await inbox.left(before, atOnce, company)
      const left = found.filter(
        (parcel) => !handing.inHand(parcel) && !isAdmitting(parcel) && !seen.has(`${parcel.team} ${parcel.key}`),
      )
      if (left.length === 0) return
      for (const { team, key } of left) seen.add(`${team} ${key}`)
      log.info({ parcels: left.length }, 'picking up what was accepted and not handled')
      await within(Promise.all(left.map(handOn)), lookEvery)
      if (stopping.signal.aborted) return
    }
  }

  function handOn(parcel: LeftParcel): Promise<void> {
    const { key, kind, tries } = parcel
    const arrival = tries > mostTries ? null : arrivalFrom(parcel)
    if (arrival) handing.hand(arrival)
    else {
      log.error({ key, kind, tries }, 'something that was accepted cannot be handled; it is given up')
      handing.close(parcel, 'given up')
    }
    return handing.released(parcel)
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
