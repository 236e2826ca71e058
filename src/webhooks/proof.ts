import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { header, type Incoming } from './sender.js'

/** Seconds that a signed moment may be away, either way: a request signed for the future could be kept and used later. */
export const tolerance = 300

/** Whether one of the signatures is HMAC-SHA256 of the parts, in hex, under one of the secrets. All are tried. */
export function signedBy(
  secrets: readonly string[],
  parts: readonly (string | Buffer)[],
  signatures: readonly string[],
): boolean {
  let matches = false
  for (const secret of secrets) {
    // Anybody can sign with the empty secret.
    if (secret === '') continue
    const mac = createHmac('sha256', secret)
    for (const part of parts) mac.update(part)
    const digest = mac.digest()
    for (const signature of signatures.slice(0, 8)) {
      if (!/^[0-9a-f]{64}$/i.test(signature)) continue
      matches = timingSafeEqual(digest, Buffer.from(signature, 'hex')) || matches
    }
  }
  return matches
}

/** A moment in seconds that is near enough to now. */
export function isFresh(seconds: string | null, at: Date): boolean {
  if (seconds === null || !/^[1-9]\d{0,11}$/.test(seconds)) return false
  return Math.abs(Number(seconds) - at.getTime() / 1000) <= tolerance
}

/** Whether `Authorization` carries one of the secrets, as a bearer token or as the password of `user`. */
export function authorizedBy(headers: IncomingHttpHeaders, secrets: readonly string[], user: string | null): boolean {
  const value = header(headers, 'authorization') ?? ''
  const bearer = /^Bearer (\S+)$/i.exec(value)?.[1]
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(value)?.[1]
  const shown = bearer ?? (basic === undefined ? undefined : Buffer.from(basic, 'base64').toString())
  if (shown === undefined) return false
  let matches = false
  for (const secret of secrets) {
    if (secret === '') continue
    const wanted = bearer === undefined ? `${user ?? 'shipmate'}:${secret}` : secret
    matches = sameText(shown, wanted) || matches
  }
  return matches
}

/** Of equal length first, so that nothing can be learnt from the time it takes. */
const sameText = (one: string, other: string): boolean => timingSafeEqual(hashed(one), hashed(other))
const hashed = (text: string) => createHash('sha256').update(text).digest()

/** Our own scheme: `x-shipmate-signature: v1=<hex>` over `<seconds>.<body>`, with `x-shipmate-timestamp: <seconds>`. */
export const shipmateProof = {
  claims: (headers: IncomingHttpHeaders): boolean =>
    /^v1=[0-9a-f]{64}$/i.test(header(headers, 'x-shipmate-signature') ?? ''),
  proves({ headers, body, at }: Incoming, secrets: readonly string[]): boolean {
    const seconds = header(headers, 'x-shipmate-timestamp')
    const signature = header(headers, 'x-shipmate-signature')?.slice(3) ?? ''
    return isFresh(seconds, at) && signedBy(secrets, [`${seconds}.`, body], [signature])
  },
  /** A request that is sent twice is one. */
  key: (headers: IncomingHttpHeaders): string | null => header(headers, 'x-shipmate-signature'),
}
