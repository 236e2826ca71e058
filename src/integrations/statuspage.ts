import { z } from 'zod'
import type { Clock } from '../clock.js'
import { nameOf } from '../incidents/incident.js'
import type { Channel, Delivery } from '../incidents/public/deliveries.js'
import { type ComponentState, headingOf, stateOf } from '../incidents/public/status.js'
import type { Log } from '../log.js'
import type { StatusPageSection } from '../releases/sections/outside.js'
import { createHttp, type Http } from './http.js'

export type StatuspageParts = {
  section: StatusPageSection & { statuspage: NonNullable<StatusPageSection['statuspage']> }
  secret(reference: string): Promise<string>
  clock: Clock
  log: Log
}

const ours = z.object({ incident: z.string(), updates: z.array(z.string()) })
const incident = z.object({
  id: z.string(),
  metadata: z
    .object({ shipmate: ours.optional().catch(undefined) })
    .nullish()
    .catch(null),
})
type Incident = z.output<typeof incident>

/** It allows one call a second; a little more keeps clear of its rolling minute. */
const apartMs = 1_050

/**
 * Incidents at statuspage.io. It honours no key, so each incident there carries ours and the updates it has got in its
 * metadata, and is looked for before it is made.
 */
export function createStatuspage({ section, secret, clock, log }: StatuspageParts): Channel {
  const { page, token, notify, url } = section.statuspage
  const base = `/v1/pages/${encodeURIComponent(page)}/incidents`
  const paced = pace(clock)

  async function find(http: Http, name: string, known: string | null): Promise<Incident | null> {
    if (known !== null) return paced(() => http.get(`${base}/${encodeURIComponent(known)}`, incident))
    for (const path of [`${base}/unresolved`, `${base}?limit=100`]) {
      const list = await paced(() => http.get(path, z.array(incident)))
      const found = list.find(({ metadata }) => metadata?.shipmate?.incident === name)
      if (found) return found
    }
    return null
  }

  return {
    name: 'the status page at statuspage.io',
    repeatable: true,
    async send(delivery) {
      const key = await secret(token)
      const allowedHosts = [new URL(url).host]
      const more = { maxBytes: 8 * 1024 * 1024, scheme: 'OAuth ' }
      const http = createHttp({ name: 'Statuspage', baseUrl: url, allowedHosts, token: key, log, ...more })
      const name = `${delivery.incident.team}/${nameOf(delivery.incident.id)}`
      const known = typeof delivery.before?.id === 'string' ? delivery.before.id : null
      const there = await find(http, name, known)
      const told = there?.metadata?.shipmate?.updates ?? []
      if (there && told.includes(delivery.key)) return { id: there.id }
      const shipmate = { incident: name, updates: [...told, delivery.key] }
      const body = {
        incident: { ...written(delivery, section), deliver_notifications: notify, metadata: { shipmate } },
      }
      const path = there ? `${base}/${encodeURIComponent(there.id)}` : base
      const change = there ? http.patch : http.post
      const { id } = await paced(() => change(path, body, incident))
      return { id }
    },
  }
}

function written({ incident: { service, environment, severity }, update }: Delivery, section: StatusPageSection) {
  const affected = section.components.filter((one) => one.service === service && one.environment === environment)
  const state = stateOf(severity, update.phase)
  const ids = affected.flatMap(({ statuspage }) => statuspage ?? [])
  return {
    name: headingOf(affected, severity).slice(0, 255),
    status: update.phase,
    body: update.text.slice(0, 25_000),
    ...(ids.length > 0
      ? { component_ids: ids, components: Object.fromEntries(ids.map((id) => [id, theirWords[state]])) }
      : {}),
  }
}

const theirWords: { [state in ComponentState]: string } = {
  works: 'operational',
  slow: 'degraded_performance',
  'partly down': 'partial_outage',
  down: 'major_outage',
}

/** Calls one after another, so far apart; a failed one counts too. */
function pace(clock: Clock) {
  let free: Promise<unknown> = Promise.resolve()
  let last = 0
  return <T>(call: () => Promise<T>): Promise<T> => {
    const turn = free.then(async () => {
      const wait = last + apartMs - clock.now().getTime()
      if (wait > 0) await clock.sleep(wait)
      last = clock.now().getTime()
      return call()
    })
    free = turn.catch(() => {})
    return turn
  }
}
