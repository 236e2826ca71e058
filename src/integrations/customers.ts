import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../clock.js'
import { asShipmateError, ShipmateError } from '../errors.js'
import { nameOf } from '../incidents/incident.js'
import type { Channel, Delivery } from '../incidents/public/deliveries.js'
import { headingOf, stateOf } from '../incidents/public/status.js'
import { type Log, silentLog } from '../log.js'
import type { CustomersSection, StatusPageSection } from '../releases/sections/outside.js'
import { createHttp } from './http.js'

export type CustomersParts = {
  settings: CustomersSection
  /** What customers call the services. */
  components: StatusPageSection['components']
  secret(reference: string): Promise<string>
  clock: Clock
  log: Log
}

/**
 * A message to customers as a signed call of a webhook, such as the start of a workflow of n8n. `Shipmate-Signature` is
 * `t=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>.<body>">`; `Idempotency-Key`, also `key` in the body, is the same for
 * the same message.
 */
export function createCustomers({ settings, components, secret, clock, log }: CustomersParts): Channel {
  return {
    name: 'the customers’ webhook',
    repeatable: settings.deduplicates,
    async send(delivery) {
      const { origin, host, pathname, search } = new URL(await secret(settings.url))
      // Whoever knows the address can call it, so its path is in no log and no error.
      const http = createHttp({ name: 'the customers’ webhook', baseUrl: origin, allowedHosts: [host], log: silentLog })
      const body = messageOf(delivery, components)
      const seconds = Math.floor(clock.now().getTime() / 1000)
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': delivery.key,
        'shipmate-signature': signatureOf(await secret(settings.secret), seconds, JSON.stringify(body)),
      }
      try {
        await http.post(`${pathname}${search}`, body, z.unknown(), { headers })
      } catch (thrown) {
        const error = asShipmateError(thrown)
        // Any answer of success will do, JSON or not.
        if (error.code !== 'http-unexpected-answer') throw withoutPath(error, `${pathname}${search}`)
      }
      log.debug({ host, delivery: delivery.key }, 'customers were told')
      return { at: clock.now().toISOString() }
    },
  }
}

export function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

function messageOf({ incident, update, key }: Delivery, components: StatusPageSection['components']) {
  const affected = components.filter(
    (one) => one.service === incident.service && one.environment === incident.environment,
  )
  return {
    key,
    incident: nameOf(incident.id),
    heading: headingOf(affected, incident.severity),
    components: affected.map(({ name }) => name),
    state: stateOf(incident.severity, update.phase),
    phase: update.phase,
    text: update.text,
    publishedAt: update.publishedAt.toISOString(),
  }
}

function withoutPath({ kind, code, message, came, next, transient, details }: ShipmateError, path: string) {
  const hidden = (text: string) => text.split(path).join('[address]')
  return new ShipmateError(kind, code, hidden(message), {
    ...(came ? { came: hidden(came) } : {}),
    ...(next ? { next } : {}),
    ...(details ? { details } : {}),
    transient,
  })
}
