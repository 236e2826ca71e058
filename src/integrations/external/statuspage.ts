import { z } from 'zod'
import type { Log } from '../../log.js'
import type { Vendor } from '../../releases/watch.js'
import { createHttp } from '../http.js'
import { cut } from '../watched/words.js'

/** The public side of an Atlassian Statuspage: `/api/v2/summary.json`. */
const summarySchema = z.object({
  status: z.object({ indicator: z.string(), description: z.string() }),
  components: z.array(z.object({ name: z.string(), status: z.string() })).default([]),
  incidents: z
    .array(z.object({ name: z.string(), impact: z.string(), created_at: z.string(), shortlink: z.string().optional() }))
    .default([]),
})

/** How a vendor is, in its own words. */
export type VendorState = {
  state: 'well' | 'troubled' | 'down'
  text: string
  since: Date | null
  link: string | null
}

/** What its status page says, narrowed to the components that are used, or else whether it answers. */
export async function vendorState(
  vendor: Vendor,
  log: Log,
  signal: AbortSignal,
  now: () => Date,
): Promise<VendorState> {
  if (vendor.status !== null) return fromPage(vendor, vendor.status, log, signal)
  const { host, origin, pathname, search } = new URL(vendor.probe ?? '')
  const http = createHttp({ name: vendor.name, baseUrl: origin, allowedHosts: [host], timeoutMs: 3_500, log })
  const began = now().getTime()
  const status = await http.text(`${pathname}${search}`, { signal }).then(
    () => 200,
    (error: { kind?: string; details?: { status?: unknown }; message?: string }) => {
      if (error.kind === 'stopped') throw error
      return typeof error.details?.status === 'number' ? error.details.status : (error.message ?? 'no answer')
    },
  )
  // Asking without a key to be told so is an answer; what a vendor breaks with is a 5xx or silence.
  const up = typeof status === 'number' && status < 500
  const took = now().getTime() - began
  const text = up
    ? `${vendor.name} answered in ${took} ms`
    : `${vendor.name}: ${typeof status === 'number' ? `it answered ${status}` : status}`
  return { state: up ? 'well' : 'down', text, since: null, link: null }
}

async function fromPage(
  { name, components }: Vendor,
  page: string,
  log: Log,
  signal: AbortSignal,
): Promise<VendorState> {
  const { host } = new URL(page)
  const http = createHttp({
    name: `the status page of ${name}`,
    baseUrl: page.replace(/\/$/, ''),
    allowedHosts: [host],
    timeoutMs: 3_500,
    log,
  })
  const { status, components: all, incidents } = await http.get('/api/v2/summary.json', summarySchema, { signal })
  const used = all.filter((one) => components.some((wanted) => wanted.toLowerCase() === one.name.toLowerCase()))
  const ill = used.filter((one) => !['operational', 'under_maintenance'].includes(one.status))
  const [incident] = incidents
  const since = incident ? new Date(incident.created_at) : null
  const told = { since, link: incident?.shortlink ?? null }
  if (components.length > 0) {
    const down = ill.some((one) => one.status === 'major_outage')
    if (ill.length === 0)
      return {
        state: 'well',
        text: `${name}: ${used.length} of ${components.length} components are well`,
        since: null,
        link: null,
      }
    const list = ill.map((one) => `${one.name} (${one.status.replaceAll('_', ' ')})`).join(', ')
    return {
      state: down ? 'down' : 'troubled',
      text: `${name}: ${list}${incident ? `: ${cut(incident.name)}` : ''}`,
      ...told,
    }
  }
  if (status.indicator === 'none' || status.indicator === 'maintenance')
    return { state: 'well', text: `${name}: ${cut(status.description)}`, since: null, link: null }
  const state = status.indicator === 'minor' ? 'troubled' : 'down'
  return {
    state,
    text: `${name}: ${cut(incident ? `${status.description}: ${incident.name}` : status.description)}`,
    ...told,
  }
}
