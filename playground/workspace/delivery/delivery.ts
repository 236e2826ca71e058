import type { Clock } from '../clock.js'
import type { Faults } from '../faults.js'
import { createLog, type Log } from '../log.js'
import type { Delivery as Delivered } from '../protocol.js'
import type { Json } from '../state/rows.js'
import { ACK_WITHIN_MS, type Carrier, type Parcel, type Receipt, type Retry } from './parcel.js'

export type Delivery = {
  /** Sends once and waits for the acknowledgement, three seconds at most. */
  send(parcel: Parcel): Promise<Receipt>
  /** Sends an Events API payload, again after about a second, a minute and five minutes until it is acknowledged. */
  sendEvent(payload: Json, names: string[]): void
  /** Sends an earlier delivery again, as Slack's own retry would; false when there is none with that number. */
  again(seq: number, times: number): Promise<boolean>
  log: Log<Delivered>
  connected(): boolean
}

const RETRY_AFTER_MS = [1000, 60_000, 300_000]
const LATE_BY_MS = 5000

export function createDelivery(parts: { clock: Clock; faults: Faults; carrier: Carrier }): Delivery {
  const { clock, faults, carrier } = parts
  const log = createLog<Delivered>()

  const attempt = async (parcel: Parcel, retry?: Retry): Promise<Receipt> => {
    const { kind, payload } = parcel
    const at_ms = clock.now()
    const entry = log.add({ at_ms, kind, via: carrier.via, payload, retry: retry?.num ?? 0, outcome: 'pending' })
    const receipt = await carrier.carry(parcel, retry)
    entry.outcome = receipt.outcome
    if (receipt.outcome === 'acked') entry.acked_after_ms = clock.now() - at_ms
    if ('warning' in receipt && receipt.warning) entry.warning = receipt.warning
    return receipt
  }

  const send = async (parcel: Parcel): Promise<Receipt> => {
    const fault = faults.onDelivery(parcel.names)
    if (fault?.kind === 'late-delivery') return arriveLate(parcel, fault.delay_ms ?? LATE_BY_MS)
    const first = attempt(parcel)
    if (fault) void attempt(parcel)
    return first
  }

  const arriveLate = (parcel: Parcel, delayMs: number): Promise<Receipt> =>
    new Promise((resolve) => {
      clock.after(delayMs, () => void attempt(parcel).then(resolve))
      clock.after(ACK_WITHIN_MS, () => resolve({ outcome: 'timeout', reason: 'timeout' }))
    })

  const sendAgain = (parcel: Parcel, num: number, failed: Receipt) => {
    const delay = RETRY_AFTER_MS[num - 1]
    if (delay === undefined || failed.outcome === 'acked' || failed.final) return
    clock.after(delay, () => {
      void attempt(parcel, { num, reason: failed.reason }).then((receipt) => sendAgain(parcel, num + 1, receipt))
    })
  }

  return {
    send,
    sendEvent(payload, names) {
      const parcel: Parcel = { kind: 'events_api', payload, answerable: false, names: ['events_api', ...names] }
      void send(parcel).then((receipt) => sendAgain(parcel, 1, receipt))
    },
    async again(seq, times) {
      const entry = log.find(seq)
      if (!entry) return false
      const parcel: Parcel = {
        kind: entry.kind,
        payload: entry.payload as Json,
        answerable: entry.kind !== 'events_api',
        names: [],
      }
      for (let num = 1; num <= times; num++) await attempt(parcel, { num: entry.retry + num, reason: 'timeout' })
      return true
    },
    log,
    connected: carrier.connected,
  }
}
