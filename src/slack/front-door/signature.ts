import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A signing secret; `until` is when an old one stops being taken, while two are in use during a rotation. */
export type SigningSecret = { secret: string; until?: Date }

export type Signed = { timestamp: string; signature: Buffer }

export type Signatures = {
  /** What the headers claim, when it has the right shape and the time is within five minutes of `now`, either way. */
  claimed(headers: IncomingHttpHeaders, now: Date): Signed | null
  /** Whether one of the secrets that hold at `now` signed these bytes. */
  signed(body: Buffer, claim: Signed, now: Date): boolean
}

/** Seconds that a request may be old, or ahead: a request signed for the future could be kept and used later. */
const skew = 300

export function createSignatures(secrets: SigningSecret[]): Signatures {
  const keys = secrets.map(({ secret, until }) => ({ key: keyOf(secret), until }))
  return {
    claimed: (headers, now) => {
      const timestamp = headers['x-slack-request-timestamp']
      const signature = headers['x-slack-signature']
      // Node joins repeated headers with a comma, so a second one never has this shape.
      if (typeof timestamp !== 'string' || !/^[1-9]\d{0,11}$/.test(timestamp)) return null
      if (typeof signature !== 'string' || !/^v0=[0-9a-f]{64}$/.test(signature)) return null
      if (Math.abs(Number(timestamp) - now.getTime() / 1000) > skew) return null
      return { timestamp, signature: Buffer.from(signature.slice(3), 'hex') }
    },
    signed: (body, { timestamp, signature }, now) => {
      let matches = false
      for (const { key, until } of keys) {
        if (until && until <= now) continue
        const digest = createHmac('sha256', key).update(`v0:${timestamp}:`).update(body).digest()
        matches = timingSafeEqual(digest, signature) || matches
      }
      return matches
    },
  }
}

function keyOf(secret: string): KeyObject {
  // Anybody can sign with the empty secret.
  if (secret === '') throw new Error('a signing secret is empty')
  return createSecretKey(Buffer.from(secret))
}
