import { z } from 'zod'
import type { Clock } from '../clock.js'
import { asShipmateError } from '../errors.js'
import { type Log, silentLog } from '../log.js'
import type { Leadership } from '../runs/telling.js'
import { type LookAtVitalSigns, type VitalSigns, whatFails } from '../runs/vital-signs.js'
import { createHttp } from './http.js'

export type DeadManParts = {
  /** The address to call; whoever knows it can call it, so it is in no log and no error. */
  url: string
  /** Milliseconds between two calls. */
  every: number
  /** Calls `<url>/fail` with the reasons when Shipmate cannot work, instead of keeping silent. */
  fail: boolean
  look: LookAtVitalSigns
  leadership: Leadership
  clock: Clock
  log: Log
}

export type DeadMan = {
  /** Calls for as long as this process leads and Shipmate can work, until `stop`. Never rejects. */
  run(stop: AbortSignal): Promise<void>
  /** Calls that went through, calls that did not, and looks after which none was made. */
  counts(): { sent: number; failed: number; withheld: number }
}

/** An outside address that is called while Shipmate can truly work: whoever listens there raises the alarm at silence. */
export function createDeadMan({ url, every, fail, look, leadership, clock, log }: DeadManParts): DeadMan {
  const counts = { sent: 0, failed: 0, withheld: 0 }
  const { origin, host, pathname, search } = new URL(url)
  // Its log would name the path, and here the path is the secret.
  const http = createHttp({ name: 'the dead-man address', baseUrl: origin, allowedHosts: [host], log: silentLog })

  async function call(more: '' | '/fail', reasons: string[], stop: AbortSignal): Promise<void> {
    try {
      const path = `${pathname.replace(/\/$/, '')}${more}${search}` || '/'
      if (more === '') await http.text(path, { signal: stop })
      else await http.post(path, { reasons }, z.unknown(), { signal: stop })
      counts.sent += 1
    } catch (thrown) {
      if (stop.aborted) return
      const { code } = asShipmateError(thrown)
      // Any answer of success will do, JSON or not.
      if (code === 'http-unexpected-answer') {
        counts.sent += 1
        return
      }
      counts.failed += 1
      // The error's own words may hold the address.
      log.warn({ code, host }, 'the dead-man address could not be called')
    }
  }

  async function looked(before: VitalSigns | null, stop: AbortSignal): Promise<VitalSigns | null> {
    const now = clock.now()
    const signs = await look(now).catch((thrown) => asShipmateError(thrown))
    const reasons = signs instanceof Error ? ['the database does not answer'] : whatFails(signs, before, now)
    if (reasons.length === 0) await call('', [], stop)
    else {
      counts.withheld += 1
      log.error({ reasons }, 'Shipmate cannot work; the dead-man address is not called')
      if (fail) await call('/fail', reasons, stop)
    }
    return signs instanceof Error ? null : signs
  }

  async function lead(stop: AbortSignal): Promise<void> {
    let before: VitalSigns | null = null
    while (!stop.aborted) {
      before = await looked(before, stop)
      await clock.sleep(every, stop)
    }
  }

  return {
    counts: () => ({ ...counts }),
    async run(stop) {
      while (!stop.aborted) {
        const lease = await leadership.lead('dead man', stop).catch(() => null)
        if (lease) await lead(AbortSignal.any([stop, lease.lost])).finally(() => lease.release())
        else await clock.sleep(1_000, stop)
      }
    },
  }
}
