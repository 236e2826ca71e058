import { z } from 'zod'
import { asShipmateError, failed } from '../errors.js'
import type { MirroredIncident, MirrorState, OtherPager, Urgency } from '../incidents/paging/mirror.js'
import { urgencyOf } from '../incidents/paging/mirror.js'
import type { OnCall } from '../incidents/paging/rota.js'
import type { Log } from '../log.js'
import type { PagerDutySection } from '../releases/sections/outside.js'
import { createHttp, type Http } from './http.js'

export type PagerDutyParts = {
  settings: PagerDutySection
  /** A reference as the secret it stands for. */
  secret(reference: string): Promise<string>
  /** A member's id in Slack by e-mail; null for nobody. */
  memberOf(email: string): Promise<string | null>
  log: Log
}

export type PagerDuty = OtherPager & {
  covers(service: string | null): boolean
  /** Who is on call for a service, members of the workspace as far as they are; null for a service it does not cover. */
  onCall(service: string | null): Promise<OnCall | null>
}

const incident = z.object({
  id: z.string(),
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  urgency: z.enum(['high', 'low']),
})
const found = z.object({ incidents: z.array(incident) })
const notes = z.object({ notes: z.array(z.object({ content: z.string() })) })
const onCalls = z.object({
  oncalls: z.array(
    z.object({
      user: z.object({ email: z.string().optional(), summary: z.string().nullish() }),
      escalation_level: z.number(),
      end: z.string().nullable(),
    }),
  ),
})

/** PagerDuty by its Events API v2 (what is triggered, acknowledged and resolved) and its REST API v2 (all else). */
export function createPagerDuty({ settings, secret, memberOf, log }: PagerDutyParts): PagerDuty {
  const { services, from } = settings
  const covered = (service: string | null) =>
    service !== null && Object.hasOwn(services, service) ? services[service] : undefined
  const rest = once(async () => {
    const token = await secret(settings.token)
    const headers = { accept: 'application/vnd.pagerduty+json;version=2', from }
    return createHttp({ ...at('PagerDuty', settings.url, log), token, scheme: 'Token token=', headers })
  })
  const events = once(async () => createHttp(at('PagerDuty’s events', settings.events, log)))

  /** Null also where Slack cannot say so now: whoever is on call is named all the same. */
  async function member(email: string | undefined): Promise<string | null> {
    if (!email) return null
    return memberOf(email).catch((thrown) => {
      log.warn({ code: asShipmateError(thrown).code, err: thrown }, 'Slack cannot say whose address that is')
      return null
    })
  }

  async function look({ theirs, key }: MirroredIncident) {
    const http = await rest()
    if (theirs !== null) {
      const one = await http.get(`/incidents/${encodeURIComponent(theirs)}`, z.object({ incident }))
      return seen(one.incident)
    }
    const query = new URLSearchParams({ incident_key: key, date_range: 'all', sort_by: 'created_at:desc', limit: '1' })
    const [one] = (await http.get(`/incidents?${query}`, found)).incidents
    return one ? seen(one) : null
  }

  async function change(of: MirroredIncident, what: { status?: MirrorState; urgency?: Urgency }): Promise<void> {
    const there = await look(of)
    if (!there) throw missing(of)
    const http = await rest()
    await http.put(`/incidents/${there.id}`, { incident: { type: 'incident_reference', ...what } }, z.unknown())
  }

  return {
    covers: (service) => covered(service) !== undefined,
    look,
    setUrgency: (of, urgency) => change(of, { urgency }),
    async tell(of, state) {
      if (of.theirs !== null) return change(of, { status: state })
      const routingKey = covered(of.service)?.routingKey
      if (routingKey === undefined) throw missing(of)
      await send(await events(), await secret(routingKey), of, state)
    },
    async note(of, text, position) {
      const there = await look(of)
      if (!there) throw missing(of)
      const path = `/incidents/${there.id}/notes`
      const http = await rest()
      // It has no keys for notes: the mark shows which line of the timeline stands there already.
      const mark = `[${of.key}#${position}]`
      const standing = await http.get(path, notes)
      if (standing.notes.some(({ content }) => content.includes(mark))) return
      await http.post(path, { note: { content: `${text.slice(0, 20_000)}\n${mark}` } }, z.unknown())
    },
    async onCall(service) {
      const policy = covered(service)?.policy
      if (policy === undefined) return null
      const query = new URLSearchParams({ 'escalation_policy_ids[]': policy, earliest: 'true', 'include[]': 'users' })
      const { oncalls } = await (await rest()).get(`/oncalls?${query}`, onCalls)
      const inOrder = [...oncalls].sort((a, b) => a.escalation_level - b.escalation_level)
      const members = await Promise.all(inOrder.map(async ({ user }) => ({ user, id: await member(user.email) })))
      const ends = inOrder[0]?.end
      const people = [...new Set(members.flatMap(({ id }) => id ?? []))]
      const unknown = [...new Set(members.flatMap(({ user, id }) => (id === null ? (user.summary ?? 'somebody') : [])))]
      return { people, unknown, until: ends ? new Date(ends) : null, source: 'PagerDuty', group: null }
    },
  }
}

const actions = { triggered: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const
const levels = { SEV1: 'critical', SEV2: 'error', SEV3: 'warning', SEV4: 'info' } as const

/** The key makes a second event of the same kind no event: PagerDuty folds it into the first. */
async function send(http: Http, routingKey: string, of: MirroredIncident, state: MirrorState): Promise<void> {
  const payload = {
    summary: of.summary.slice(0, 1024),
    ...{ source: of.service, severity: levels[of.severity], component: of.service },
    custom_details: { urgency: urgencyOf(of.severity) },
  }
  const body = {
    ...{ routing_key: routingKey, event_action: actions[state], dedup_key: of.key, client: 'Shipmate' },
    ...(of.link ? { client_url: of.link } : {}),
    ...(state === 'triggered' ? { payload } : {}),
  }
  await http.post('/v2/enqueue', body, z.object({ dedup_key: z.string().optional() }))
}

const seen = ({ id, status, urgency }: z.output<typeof incident>) => ({ id, state: status, urgency })

const missing = ({ key }: MirroredIncident) =>
  failed('pagerduty-incident-missing', 'PagerDuty does not know this incident yet.', {
    wanted: `an incident with the key ${key}`,
    came: 'none',
    next: 'It is looked for again by itself. Check the routing key of the service when it stays away.',
    transient: true,
  })

const at = (name: string, url: string, log: Log) => ({ name, baseUrl: url, allowedHosts: [new URL(url).host], log })

/** What needs a secret is made at its first use, and again when that failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make().catch((error) => {
      made = null
      throw error
    })
    return made
  }
}
