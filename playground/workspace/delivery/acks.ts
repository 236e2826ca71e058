import { randomUUID } from 'node:crypto'
import type { RawData } from 'ws'
import type { Clock } from '../clock.js'
import { ACK_WITHIN_MS, type Parcel, type Receipt, type Retry } from './parcel.js'

/** Envelopes that wait for their acknowledgement. */
export type Acks = {
  /** Sends a parcel in a new envelope and waits, three seconds at most. */
  await(parcel: Parcel, retry: Retry | undefined, send: (frame: string) => void): Promise<Receipt>
  /** Takes a frame from the app; anything but a known acknowledgement is ignored. */
  hear(data: RawData): void
}

export function createAcks(clock: Clock): Acks {
  const waiting = new Map<string, { answerable: boolean; settle: (receipt: Receipt) => void }>()
  return {
    await: (parcel, retry, send) =>
      new Promise((resolve) => {
        const envelope_id = randomUUID()
        const settle = (receipt: Receipt) => {
          waiting.delete(envelope_id)
          cancel()
          resolve(receipt)
        }
        const cancel = clock.after(ACK_WITHIN_MS, () => settle({ outcome: 'timeout', reason: 'timeout' }))
        waiting.set(envelope_id, { answerable: parcel.answerable, settle })
        send(JSON.stringify({ envelope_id, ...envelopeOf(parcel, retry) }))
      }),
    hear(data) {
      const ack = parseAck(data)
      const wait = ack && waiting.get(ack.envelope_id)
      wait?.settle(receiptOf(ack?.payload, wait.answerable))
    },
  }
}

function envelopeOf({ kind, payload, answerable }: Parcel, retry: Retry | undefined) {
  const retries = { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? '' }
  return { payload, type: kind, accepts_response_payload: answerable, ...(kind === 'events_api' && retries) }
}

function parseAck(data: RawData): { envelope_id: string; payload?: unknown } | undefined {
  try {
    const ack: unknown = JSON.parse(String(data))
    return ack && typeof ack === 'object' && 'envelope_id' in ack ? (ack as { envelope_id: string }) : undefined
  } catch {
    return undefined
  }
}

function receiptOf(payload: unknown, answerable: boolean): Receipt {
  if (isEmpty(payload)) return { outcome: 'acked' }
  if (answerable) return { outcome: 'acked', body: payload }
  return { outcome: 'acked', warning: 'the acknowledgement carries a payload, but this envelope accepts none' }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
