import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import { z } from 'zod'
import { failed, ShipmateError, timedOut } from '../../errors.js'
import type { Watch } from '../../releases/watch.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { amount, at } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, watchAt } from '../watched/parts.js'

const input = z.object({ ...at, minDays: amount.optional() })
const shakeWithinMs = 5_000
const dayMs = 86_400_000

/** Does the certificate that visitors get hold, for long enough, for this name, and from somebody they trust? */
export const certificateCheck = (parts: WatchedParts): Check =>
  defineCheck<z.infer<typeof input>>({
    name: 'tls.certificate',
    input,
    async run(given, { signal, clock }) {
      const tls = watchAt(parts, given)?.tls
      if (!tls) return notSetUp(given, 'tls')
      const shown = await shownBy(tls, signal)
      return certificateVerdict(shown, clock.now(), given.minDays ?? null)
    },
  })

export type ShownCertificate = {
  address: string
  from: Date
  to: Date
  /** Why clients refuse it, other than its dates; null when they do not. */
  refusal: string | null
}

async function shownBy(tls: NonNullable<Watch['tls']>, signal: AbortSignal): Promise<ShownCertificate> {
  const [host = '', port = '443'] = tls.address.split(':')
  const name = tls.name ?? host
  const ca = tls.ca === null ? undefined : await authority(tls.ca)
  const socket = await shaken({ host, port: Number(port), name, ca }, tls.address, signal)
  try {
    const { raw } = socket.getPeerCertificate()
    const { validFrom, validTo } = new X509Certificate(raw)
    const misnamed = checkServerIdentity(name, socket.getPeerCertificate())
    const code = String(socket.authorizationError ?? '')
    const distrusted = socket.authorized || /EXPIRED|NOT_YET_VALID|ALTNAME/.test(code) ? null : code
    const refusal = misnamed ? `it is for another name than ${name}` : distrusted
    return { address: tls.address, from: new Date(validFrom), to: new Date(validTo), refusal }
  } finally {
    socket.destroy()
  }
}

const authority = (file: string) =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw failed('authority-unreadable', `the authority in ${file} cannot be read`, {
      wanted: 'a PEM file',
      came: cause instanceof Error ? cause.message : String(cause),
      next: 'Correct watch.tls.ca in the operator’s file.',
    })
  })

type Where = { host: string; port: number; name: string; ca: string | undefined }

// Its own verdict is read afterwards: an expired certificate has to be seen to be told.
function shaken({ host, port, name, ca }: Where, address: string, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const servername = /^[\d.]+$/.test(name) ? {} : { servername: name }
    const socket = connect({ host, port, ...servername, ...(ca && { ca }), rejectUnauthorized: false })
    const end = (error: ShipmateError) => {
      socket.destroy()
      reject(error)
    }
    const stopped = () => end(new ShipmateError('stopped', 'look-stopped', `looking at ${address} was broken off`))
    signal.addEventListener('abort', stopped, { once: true })
    socket.setTimeout(shakeWithinMs, () =>
      end(timedOut('tls-silent', `${address} did not shake hands within 5 s`, { transient: true })),
    )
    socket.once('error', (cause) =>
      end(
        failed('tls-unreachable', `${address} cannot be reached: ${cause.message}`, {
          transient: true,
          next: 'Look whether anything listens there.',
        }),
      ),
    )
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', stopped)
      resolve(socket)
    })
    if (signal.aborted) stopped()
  })
}

/**
 * Lifetimes get shorter every year, so what is left is held against the whole: a warning in its last third, a failure in
 * its last sixth or its last two days, when renewing has evidently not worked. `minDays` is a limit of one's own.
 */
export function certificateVerdict(
  { address, from, to, refusal }: ShownCertificate,
  now: Date,
  minDays: number | null,
): CheckResult {
  const left = (to.getTime() - now.getTime()) / dayMs
  const whole = (to.getTime() - from.getTime()) / dayMs
  const least = minDays ?? Math.max(2, whole / 6)
  const figures = { value: days(left), limit: days(least) }
  const details = { from: from.toISOString(), to: to.toISOString() }
  const bad = (summary: string): CheckResult => ({
    outcome: 'fail',
    summary,
    ...figures,
    details,
    next: 'Renew the certificate and have it loaded.',
    output: { days: left },
  })
  if (from > now) return bad(`the certificate of ${address} is not valid before ${from.toISOString()}`)
  if (left <= 0) return bad(`the certificate of ${address} expired ${days(-left)} ago`)
  if (refusal !== null) return bad(`clients refuse the certificate of ${address}: ${refusal}`)
  const words = `the certificate of ${address} holds for ${days(left)}`
  if (left < least) return bad(`${words} more (limit ${days(least)})`)
  const late = minDays === null && left < whole / 3
  return {
    outcome: late ? 'warn' : 'pass',
    summary: `${words} (limit ${days(least)})`,
    ...figures,
    details,
    ...(late && { next: 'It should have been renewed by now: look at what renews it.' }),
    output: { days: left },
  }
}

const days = (count: number): string => {
  if (Math.abs(count) < 2) return `${Math.round(count * 24)} h`
  return `${Math.floor(count)} days`
}
