import { z } from 'zod'
import { asShipmateError } from '../../errors.js'
import { type Check, defineCheck } from '../../runs/abilities.js'
import { createHttp } from '../http.js'
import { type At, at } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, watchAt } from '../watched/parts.js'

/** Does a credential that leaked still open the door? It passes when it does not. */
export const acceptedCheck = (parts: WatchedParts): Check =>
  defineCheck<At & { name: string }>({
    name: 'secrets.accepted',
    input: z.object({ ...at, name: z.string() }),
    async run(given, { signal }) {
      const secrets = watchAt(parts, given)?.secrets ?? {}
      const secret = Object.hasOwn(secrets, given.name) ? secrets[given.name] : undefined
      if (secret === undefined) return notSetUp(given, `secrets.${given.name}`)
      const { host, origin, pathname, search } = new URL(secret.url)
      const token = await parts.secret(secret.secret)
      const http = createHttp({
        name: host,
        baseUrl: origin,
        token,
        allowedHosts: [host],
        timeoutMs: 8_000,
        log: parts.log,
      })
      try {
        await http.text(`${pathname}${search}`, { signal })
      } catch (thrown) {
        const error = asShipmateError(thrown)
        // Anything but a plain refusal of the credential proves nothing.
        if (error.code !== 'http-unauthorized') throw error
        return { outcome: 'pass', summary: `${host} does not accept ${given.name} any more` }
      }
      return {
        outcome: 'fail',
        summary: `${host} still accepts ${given.name}`,
        next: `Revoke ${given.name} at ${host}, then look again.`,
      }
    },
  })
