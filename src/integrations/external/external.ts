import { z } from 'zod'
import { failed } from '../../errors.js'
import { type Check, defineCheck } from '../../runs/abilities.js'
import { type At, at } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, type Watching, watchAt } from '../watched/parts.js'
import { vendorState } from './statuspage.js'

const outcomes = { well: 'pass', troubled: 'warn', down: 'fail' } as const

/** How vendors are whom a service needs. */
export function createExternal(parts: WatchedParts): Watching {
  const status: Check = defineCheck<At & { vendor: string }>({
    name: 'external.status',
    input: z.object({ ...at, vendor: z.string() }),
    async run({ vendor: name, ...given }, { signal, clock }) {
      const vendor = watchAt(parts, given)?.externals.find((one) => one.name === name)
      if (!vendor) return notSetUp(given, `externals (${name})`)
      if (vendor.status === null && vendor.probe === null)
        throw failed('vendor-silent', `nothing says how ${name} is`, { next: `Add status or probe for ${name}.` })
      const { state, text, since, link } = await vendorState(vendor, parts.log, signal, clock.now)
      const details = { ...(since && { since: since.toISOString() }), ...(link && { link }) }
      const next = state === 'well' ? {} : { next: `Work around ${name}, tell visitors, and follow its status page.` }
      return { outcome: outcomes[state], summary: text, value: state, details, ...next, output: { state } }
    },
  })
  return { checks: [status], actions: [] }
}
